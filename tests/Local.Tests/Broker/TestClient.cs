using System.Text;
using Rookery.Broker;

namespace Rookery.Local.Tests;

/// <summary>A client of a broker that remembers what it gets.</summary>
internal sealed class TestClient : ISessionReceiver
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<Received> _received = [];
    private readonly List<string> _dropped = [];
    private readonly TaskCompletionSource<SessionEnd> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IBrokerSession Session { get; private set; } = null!;

    /// <summary>Why the broker ended the session.</summary>
    public Task<SessionEnd> Closed => _closed.Task.WaitAsync(Deadline);

    /// <summary>Called with every delivery, on the broker's thread.</summary>
    public Action<Received>? OnDelivery { get; set; }

    /// <summary>What came so far, in order.</summary>
    public IReadOnlyList<Received> Deliveries
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>Topics it was told were dropped.</summary>
    public IReadOnlyList<string> Dropped
    {
        get
        {
            lock (_gate)
            {
                return [.. _dropped];
            }
        }
    }

    public static async Task<TestClient> Open(IBroker broker, string? name = null, string? producer = null)
    {
        var client = new TestClient();
        client.Session = await broker.OpenAsync(
            new SessionIdentity { Name = name, Producer = producer }, client, CancellationToken.None);
        return client;
    }

    public async Task<CommandResult[]> Execute(string topic, Action<TopicCommands> build)
    {
        var commands = new TopicCommands();
        commands.Reset(TopicName.Parse(topic), 0);
        build(commands);
        await Session.ExecuteAsync(commands).AsTask().WaitAsync(Deadline);
        return commands.Results.ToArray();
    }

    public async Task<CommandResult> Publish(string topic, string id, string message = "x", long number = 0) =>
        (await Execute(topic, commands => Add(commands, id, message, number)))[0];

    public static void Add(TopicCommands commands, string id, string message = "x", long number = 0) =>
        commands.Publish(Encoding.UTF8.GetBytes($"\"{id}\""), Encoding.UTF8.GetBytes($"\"{message}\""), number: number);

    public async Task<CommandResult> Subscribe(string topic, SubscribeOptions? options = null) =>
        (await Execute(topic, commands => commands.Subscribe(options ?? new SubscribeOptions { Window = 1000 })))[0];

    public async Task<CommandResult> Ack(string topic, string id) =>
        (await Execute(topic, commands => commands.Acknowledge(Encoding.UTF8.GetBytes(id))))[0];

    public async Task<CommandResult> Ack(string topic, long first, long last) =>
        (await Execute(topic, commands => commands.Acknowledge([new SequenceRange(first, last)])))[0];

    /// <summary>Waits until so many deliveries came.</summary>
    public async Task<IReadOnlyList<Received>> Expect(int count)
    {
        await JournalFixture.Until(() => Deliveries.Count >= count, $"{count} deliveries; there were {Deliveries.Count}");
        return Deliveries;
    }

    /// <summary>Waits until all of these came, whatever else did.</summary>
    public Task Expect(IReadOnlyCollection<string> ids) => JournalFixture.Until(
        () => !ids.Except(Deliveries.Select(delivery => delivery.Id)).Any(),
        $"all of {ids.Count} deliveries; missing: {string.Join(' ', ids.Except(Deliveries.Select(delivery => delivery.Id)).Take(10))}");

    void ISessionReceiver.Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
    {
        foreach (ref readonly var delivery in deliveries)
        {
            var received = new Received(
                topic.Value, delivery.Sequence, Encoding.UTF8.GetString(delivery.Id.Span).Trim('"'), delivery.Message.Length, delivery.Tries);
            OnDelivery?.Invoke(received);
            lock (_gate)
            {
                _received.Add(received);
            }
        }
    }

    void ISessionReceiver.Dropped(TopicName topic, long after)
    {
        lock (_gate)
        {
            _dropped.Add(topic.Value);
        }
    }

    void ISessionReceiver.Close(SessionEnd reason) => _closed.TrySetResult(reason);
}

/// <summary>What a client got.</summary>
internal sealed record Received(string Topic, long Sequence, string Id, int MessageBytes, int Tries);
