using System.Text.Json;

namespace Rookery.Crash.Tests;

/// <summary>Publishers and subscribers of two topics, and what they were told over all lives of the server.</summary>
internal sealed class BrokerLoad
{
    private const string Guest = "client:guest";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly NumberedPublisher[] _publishers;
    private readonly Ledger[] _ledgers;
    private readonly DroppedTopic _dropped;
    private readonly Random _random;
    private bool _guestMayStay;

    public BrokerLoad(Random random)
    {
        _random = random;
        _dropped = new DroppedTopic(new Random(random.Next()));
        _publishers = [new("orders", new Random(random.Next())), new("bills", new Random(random.Next()))];
        _ledgers =
        [
            new("orders", "client:steady"), new("orders", "client:slow"), new("orders", "group:team"),
            new("bills", "client:steady-too"), new("bills", "group:team"),
        ];
    }

    /// <summary>Events confirmed so far.</summary>
    public int Confirmed => _publishers.Sum(p => p.Confirmed);

    /// <summary>Acknowledgements confirmed so far.</summary>
    public int Settled => _ledgers.Sum(l => l.Settled);

    /// <summary>Drops of a topic confirmed so far.</summary>
    public int Drops => _dropped.Drops;

    /// <summary>Runs everything until the server dies, which <paramref name="kill"/> does once events flow.</summary>
    public async Task RunAsync(int port, Func<Task> kill)
    {
        var (receiving, _) = await SubscribeAsync(port, everything: false);
        var publishing = _publishers.Select(p => p.RunAsync(port, CancellationToken.None)).ToArray();
        var guest = VisitAsync(port);
        var dropping = _dropped.RunAsync(port);
        var goal = Confirmed + _random.Next(1, 3000);
        await WaitAsync(() => Confirmed >= goal || publishing.Any(p => p.IsCompleted), "events are confirmed");
        await Task.Delay(_random.Next(200));
        await kill();
        await Task.WhenAll([.. receiving, .. publishing, guest, dropping]).WaitAsync(Deadline);
    }

    /// <summary>Repeats what was not confirmed, and settles everything; the server stays.</summary>
    /// <returns>The subscribers, who go on until the server ends.</returns>
    public async Task<Task> FinishAsync(int port)
    {
        var (receiving, all) = await SubscribeAsync(port, everything: true);
        await VisitAsync(port);
        var done = await Task.WhenAll(_publishers.Select(p => p.RunAsync(port, new CancellationToken(canceled: true)))).WaitAsync(Deadline);
        Assert.All(done, Assert.True);
        await SettledAsync(port, receiving);
        return all;
    }

    /// <summary>After a restart every named subscription is there, and none that had ended; and nothing that was dropped.</summary>
    public async Task CheckTopicsAsync(int port, bool settled)
    {
        await _dropped.CheckAsync(port);
        using var client = await RawClient.ConnectAsync(port, "{}");
        foreach (var topic in _ledgers.GroupBy(l => l.Topic))
        {
            var stats = (await client!.StatsAsync(topic.Key))!.Value;
            var subscriptions = stats.GetProperty("subscriptions").EnumerateArray().ToList();
            var keys = subscriptions.Select(s => s.GetProperty("key").GetString()!).Where(key => !_guestMayStay || key != Guest);
            Assert.Equal(topic.Select(l => l.Key).Order(), keys.Order());
            var publisher = PublisherOf(topic.First());
            Assert.InRange(stats.GetProperty("seq").GetInt64(), publisher.Confirmed, publisher.Sent);
            if (settled)
            {
                Assert.True(subscriptions.All(IsSettled), stats.ToString());
            }
        }
    }

    /// <summary>Holds what came against what was confirmed.</summary>
    public void Check() => Array.ForEach(_ledgers, l => l.Check(PublisherOf(l)));

    private static bool IsSettled(JsonElement subscription) =>
        subscription.GetProperty("waiting").GetInt64() == 0 && subscription.GetProperty("in_flight").GetInt64() == 0;

    private static async Task WaitAsync(Func<bool> holds, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!holds())
        {
            Assert.False(deadline.IsCancellationRequested, $"never happened: {what}");
            await Task.Delay(1, CancellationToken.None);
        }
    }

    /// <summary>Subscribes for a moment. Once that was confirmed to have ended, no restart may bring it back.</summary>
    private async Task VisitAsync(int port)
    {
        _guestMayStay = true;
        using var client = await RawClient.ConnectAsync(port, "{\"as\":\"guest\"}");
        if (client is null || !await client.AskAsync("sub bills", "successfully subscribed to topic bills"))
        {
            return;
        }

        await client.SendAsync("unsub bills\n");
        string? line;
        while ((line = await client.ReadAsync()) is not null && line.StartsWith('{'))
        {
        }

        if (line is not null)
        {
            Assert.Equal("successfully unsubscribe from topic bills", line);
            _guestMayStay = false;
        }
    }

    /// <summary>Waits until the server says so: of an ack whose reply the crash cut off, clients cannot know.</summary>
    private async Task SettledAsync(int port, Task[] receiving)
    {
        using var client = await RawClient.ConnectAsync(port, "{}");
        using var deadline = new CancellationTokenSource(Deadline);
        for (var i = 0; i < _publishers.Length; await Task.Delay(5, CancellationToken.None))
        {
            if (receiving.FirstOrDefault(r => r.IsCompleted) is { } ended)
            {
                await ended;
                Assert.Fail("a subscriber ended before the server");
            }

            var stats = (await client!.StatsAsync(_publishers[i].Topic))!.Value;
            Assert.False(deadline.IsCancellationRequested, $"never settled: {stats}");
            i += stats.GetProperty("subscriptions").EnumerateArray().All(IsSettled) ? 1 : 0;
        }
    }

    private NumberedPublisher PublisherOf(Ledger ledger) => _publishers[ledger.Topic == "orders" ? 0 : 1];

    private async Task<(Task[] Each, Task All)> SubscribeAsync(int port, bool everything)
    {
        RangeSubscriber[] subscribers =
        [
            Subscriber(0, "{\"as\":\"steady\",\"meta\":true}", "{\"window\":200}", 0.1),
            Subscriber(1, "{\"as\":\"slow\",\"meta\":true}", "{\"window\":50}", 0.8),
            Subscriber(2, "{\"meta\":true}", "{\"window\":100,\"group\":\"team\"}", 0.1),
            Subscriber(2, "{\"as\":\"named\",\"meta\":true}", "{\"window\":60,\"group\":\"team\"}", 0.3),
            Subscriber(3, "{\"as\":\"steady-too\",\"meta\":true}", "{\"window\":65536}", 0.1),
            Subscriber(4, "{\"meta\":true}", "{\"window\":100,\"group\":\"team\"}", 0.1),
        ];
        var each = subscribers.Select(s => s.RunAsync(port, everything)).ToArray();
        await Task.WhenAll(subscribers.Select(s => s.Subscribed.Task)).WaitAsync(Deadline);
        return (each, Task.WhenAll(each));
    }

    private RangeSubscriber Subscriber(int ledger, string hello, string options, double patience) =>
        new(_ledgers[ledger], hello, options, patience, new Random(_random.Next()));
}
