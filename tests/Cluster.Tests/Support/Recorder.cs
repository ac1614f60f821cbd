using System.Collections.Concurrent;
using System.Text;
using Rookery.Broker;

namespace Rookery.Cluster.Tests;

/// <summary>A client without a wire: opens a session, sends commands, keeps what it is delivered.</summary>
internal sealed class Recorder : ISessionReceiver
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<(string Id, long Sequence, int Tries)> _delivered = new();
    private volatile Action<string, long>? _delivering;
    private int _failed;

    public IBrokerSession Session { get; private set; } = null!;

    public SessionEnd? Closed { get; private set; }

    /// <summary>Publishes that were not confirmed.</summary>
    public int Failed => Volatile.Read(ref _failed);

    public IReadOnlyCollection<(string Id, long Sequence, int Tries)> Delivered => _delivered;

    public static async Task<Recorder> OpenAsync(IBroker broker, SessionIdentity? identity = null, Action<string, long>? delivering = null)
    {
        var recorder = new Recorder { _delivering = delivering };
        recorder.Session = await broker.OpenAsync(identity ?? new SessionIdentity(), recorder, CancellationToken.None);
        return recorder;
    }

    public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
    {
        foreach (ref readonly var delivery in deliveries)
        {
            var id = Encoding.UTF8.GetString(delivery.Id.Span).Trim('"');
            _delivered.Enqueue((id, delivery.Sequence, delivery.Tries));
            _delivering?.Invoke(id, delivery.Sequence);
        }

        Changed();
    }

    public void Dropped(TopicName topic, long after)
    {
    }

    public void Close(SessionEnd reason)
    {
        Closed = reason;
        Changed();
    }

    public async Task<CommandResult> PublishAsync(string topic, string id, long number = 0, string message = "\"m\"")
    {
        var commands = For(topic);
        commands.Publish(Encoding.UTF8.GetBytes($"\"{id}\""), Encoding.UTF8.GetBytes(message), number: number);
        await Session.ExecuteAsync(commands);
        if (commands.Results[0].Outcome is not (Outcome.Done or Outcome.Repeated))
        {
            Interlocked.Increment(ref _failed);
        }

        return commands.Results[0];
    }

    /// <summary>Publishes with a number until it is confirmed, and adds it to what is.</summary>
    public async Task PublishSurelyAsync(string topic, int number, List<string> confirmed, string prefix = "")
    {
        CommandResult result = default;
        await Eventually.HoldsAsync(
            async () => (result = await PublishAsync(topic, $"{prefix}{number}", number)).Outcome is Outcome.Done or Outcome.Repeated,
            () => $"event {number} could not be published: {result.Outcome} {result.Detail}");
        confirmed.Add($"{number}");
    }

    public async Task<CommandResult> SubscribeAsync(string topic, SubscribeOptions? options = null)
    {
        var commands = For(topic);
        commands.Subscribe(options ?? new SubscribeOptions { Window = 1000 });
        await Session.ExecuteAsync(commands);
        return commands.Results[0];
    }

    public async Task<CommandResult> AcknowledgeAsync(string topic, long sequence)
    {
        var commands = For(topic);
        commands.Acknowledge([new SequenceRange(sequence, sequence)]);
        await Session.ExecuteAsync(commands);
        return commands.Results[0];
    }

    /// <summary>Waits until more was delivered than so many events, or it is told to stop.</summary>
    public async Task MoreAsync(int than, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (_delivered.Count > than)
            {
                return;
            }

            await changed.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until something is so; fails after a deadline.</summary>
    public async Task UntilAsync(Func<Recorder, bool> holds, string what, TimeSpan? within = null)
    {
        var deadline = Task.Delay(within ?? Deadline);
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (holds(this))
            {
                return;
            }

            if (await Task.WhenAny(changed, Task.Delay(100), deadline) == deadline)
            {
                Assert.Fail($"after {within ?? Deadline}: {what}; delivered: {string.Join(' ', _delivered.TakeLast(50))}, closed: {Closed}");
            }
        }
    }

    private void Changed() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    private static TopicCommands For(string topic)
    {
        var commands = new TopicCommands();
        commands.Reset(TopicName.Parse(topic), 0);
        return commands;
    }
}
