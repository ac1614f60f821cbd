using Rookery.Broker;

namespace Rookery.Command.Tests;

/// <summary>A broker that does what a test wants of it, and nothing else.</summary>
internal sealed class OddBroker : IBroker, IBrokerSession
{
    /// <summary>What becomes of a session that is opened; default: it is.</summary>
    public Func<Exception?> Open { get; init; } = () => null;

    /// <summary>What becomes of a batch; default: its events are stored.</summary>
    public Func<Task> Execute { get; init; } = () => Task.CompletedTask;

    /// <summary>What becomes of a question; default: it is answered.</summary>
    public Func<Exception?> Ask { get; init; } = () => null;

    public BrokerLimits Limits { get; } = new();

    public SessionIdentity Identity { get; } = new();

    public ValueTask<IBrokerSession> OpenAsync(SessionIdentity identity, ISessionReceiver receiver, CancellationToken cancellationToken) =>
        Open() is { } failure ? throw failure : ValueTask.FromResult<IBrokerSession>(this);

    public async ValueTask ExecuteAsync(TopicCommands commands)
    {
        await Execute();
        for (var i = 0; i < commands.Commands.Length; i++)
        {
            commands.Results[i] = new CommandResult { Outcome = Outcome.Done };
        }
    }

    public void Grant(TopicName topic, long bytes)
    {
    }

    public ValueTask<IReadOnlyList<TopicStats>> GetTopicsAsync(CancellationToken cancellationToken) =>
        Ask() is { } failure ? throw failure : ValueTask.FromResult<IReadOnlyList<TopicStats>>([]);

    public ValueTask<TopicStats?> GetTopicAsync(TopicName topic, CancellationToken cancellationToken) =>
        Ask() is { } failure ? throw failure : ValueTask.FromResult<TopicStats?>(null);

    public ValueTask<BrokerStats> GetStatsAsync(CancellationToken cancellationToken) => Ask() is { } failure
        ? throw failure
        : ValueTask.FromResult(new BrokerStats { Durability = "memory", Topics = 0, Sessions = 0, Published = 0, Delivered = 0, Acknowledged = 0, FailedWrites = 0 });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
