using System.Text;
using Rookery.Broker;

namespace Rookery.Local.Tests;

/// <summary>A broker in memory that knows only publishing, and fails as told.</summary>
internal sealed class FakeBroker : IBroker
{
    private readonly Dictionary<(string Topic, string? Producer), long> _numbers = [];

    public BrokerLimits Limits { get; init; } = new();

    public List<(string Topic, string Id, string Message, sbyte Priority)> Events { get; } = [];

    /// <summary>What becomes of a command instead; null: it is done.</summary>
    public Func<TopicCommands, Command, CommandResult?>? Outcomes { get; set; }

    /// <summary>Opening a session fails, while set.</summary>
    public string? Closed { get; set; }

    public int Sessions { get; private set; }

    public string[] Ids(string topic)
    {
        lock (Events)
        {
            return [.. Events.Where(e => e.Topic == topic).Select(e => e.Id)];
        }
    }

    public ValueTask<IBrokerSession> OpenAsync(SessionIdentity identity, ISessionReceiver receiver, CancellationToken cancellationToken)
    {
        Sessions++;
        return Closed is null ? new(new Session(this, identity)) : throw new BrokerUnavailableException(Closed);
    }

    public ValueTask<IReadOnlyList<TopicStats>> GetTopicsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<TopicStats?> GetTopicAsync(TopicName topic, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<BrokerStats> GetStatsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    private CommandResult Publish(TopicCommands commands, Command command, string? producer)
    {
        if (Outcomes?.Invoke(commands, command) is { } other && other.Outcome != Outcome.Unknown)
        {
            return other;
        }

        var key = (commands.Topic.Value, producer);
        if (command.Number != 0 && _numbers.GetValueOrDefault(key) >= command.Number)
        {
            return new CommandResult { Outcome = Outcome.Repeated };
        }

        _numbers[key] = command.Number;
        Events.Add((
            commands.Topic.Value,
            Encoding.UTF8.GetString(commands.BytesOf(command.Id)),
            Encoding.UTF8.GetString(commands.BytesOf(command.Message)),
            command.Priority));
        return Outcomes?.Invoke(commands, command) ?? new CommandResult { Outcome = Outcome.Done, Sequence = Events.Count };
    }

    private sealed class Session(FakeBroker broker, SessionIdentity identity) : IBrokerSession
    {
        public SessionIdentity Identity => identity;

        public ValueTask ExecuteAsync(TopicCommands commands)
        {
            lock (broker.Events)
            {
                for (var i = 0; i < commands.Commands.Length; i++)
                {
                    commands.Results[i] = broker.Publish(commands, commands.Commands[i], identity.Producer);
                }
            }

            return default;
        }

        public void Grant(TopicName topic, long bytes)
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
