using System.Text.Json;

namespace Rookery.Cluster.Crash.Tests;

/// <summary>
/// Publishers and subscribers at all gateways, who come back whenever they lose theirs, and what they were told. Each
/// publisher has one event on its way, which it says again until it is confirmed; there are several of them for a topic.
/// </summary>
internal sealed class ClusterLoad : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(50);

    private readonly Func<IReadOnlyList<int>> _ports;
    private readonly Random _random;
    private readonly CancellationTokenSource _enough = new();
    private readonly NumberedPublisher[] _publishers;
    private readonly Ledger[] _ledgers;
    private readonly List<Task> _publishing = [];
    private readonly List<Task> _receiving = [];
    private volatile bool _ending;

    /// <param name="ports">Where the gateways are by now.</param>
    /// <param name="random">The dice.</param>
    /// <param name="name">Tells its topics from those of other loads of the cluster.</param>
    public ClusterLoad(Func<IReadOnlyList<int>> ports, Random random, string name = "")
    {
        (Busy, Quiet) = ($"orders{name}", $"bills{name}");
        (_ports, _random) = (ports, random);
        _publishers =
        [
            .. Enumerable.Range(0, 6).Select(lane => new NumberedPublisher(Busy, new Random(random.Next()), $"l{lane}", window: 1)),
            .. Enumerable.Range(0, 2).Select(lane => new NumberedPublisher(Quiet, new Random(random.Next()), $"l{lane}", window: 1)),
        ];
        _ledgers = [new(Busy, "client:steady"), new(Busy, "group:team"), new(Quiet, "client:steady-too")];
    }

    /// <summary>The topic that most of it is about.</summary>
    public string Busy { get; }

    private string Quiet { get; }

    /// <summary>Events confirmed so far.</summary>
    public int Confirmed => _publishers.Sum(publisher => publisher.Confirmed);

    /// <summary>Acknowledgements confirmed so far.</summary>
    public int Settled => _ledgers.Sum(ledger => ledger.Settled);

    /// <summary>Publishes that were told their outcome is unknown.</summary>
    public int Unknown => _publishers.Sum(publisher => publisher.Unknown);

    public void Dispose() => _enough.Dispose();

    public void Start()
    {
        // Durable subscriptions first: what a ledger holds is everything.
        _receiving.AddRange(
        [
            ReceiveAsync(0, _ledgers[0], "{\"as\":\"steady\",\"meta\":true}", "{\"window\":200}"),
            ReceiveAsync(1, _ledgers[1], "{\"as\":\"one\",\"meta\":true}", "{\"window\":100,\"group\":\"team\"}"),
            ReceiveAsync(0, _ledgers[1], "{\"as\":\"two\",\"meta\":true}", "{\"window\":60,\"group\":\"team\"}"),
            ReceiveAsync(1, _ledgers[2], "{\"as\":\"steady-too\",\"meta\":true}", "{\"window\":100}"),
        ]);
    }

    /// <summary>Begins to publish once every subscription is there.</summary>
    public async Task PublishAsync()
    {
        await UntilAsync(async client =>
        {
            foreach (var topic in _ledgers.GroupBy(ledger => ledger.Topic))
            {
                if (await client.StatsAsync(topic.Key) is not { } stats || stats.GetProperty("subscriptions").GetArrayLength() < topic.Count())
                {
                    return false;
                }
            }

            return true;
        }, "subscriptions");
        _publishing.AddRange(_publishers.Select((publisher, i) => PublishAsync(i, publisher)));
    }

    /// <summary>Waits until each publisher of the busy topic has had so many more confirmed.</summary>
    /// <returns>The longest time that one of them waited for a confirm.</returns>
    public async Task<TimeSpan> ConfirmedAsync(int more)
    {
        var busy = _publishers.Where(publisher => publisher.Topic == Busy).Select(publisher => (Publisher: publisher, Goal: publisher.Confirmed + more)).ToList();
        await Eventually.HoldsAsync(
            async () =>
            {
                await FailedAsync();
                return busy.TrueForAll(one => one.Publisher.Confirmed >= one.Goal);
            },
            () => $"publishing does not go on: {Confirmed} confirmed",
            Deadline);
        return busy.Max(one => one.Publisher.TakeLongestGap());
    }

    /// <summary>Waits until each publisher has heard once more that an event is not confirmed: what it had on its way before is answered.</summary>
    public async Task RefusedAsync()
    {
        var before = _publishers.Select(publisher => publisher.Refused).ToList();
        await Eventually.HoldsAsync(
            async () =>
            {
                await FailedAsync();
                return _publishers.Zip(before).All(one => one.First.Refused > one.Second);
            },
            () => "not every publisher was refused",
            Deadline);
    }

    /// <summary>Publishes no more, waits until all is settled, and holds what came against what was confirmed.</summary>
    /// <param name="end">Ends the gateways, so that subscribers end too; others may follow them.</param>
    public async Task CheckAsync(Func<Task> end)
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_publishing).WaitAsync(Deadline);
        await UntilAsync(async client =>
        {
            foreach (var topic in new[] { Busy, Quiet })
            {
                if (await client.StatsAsync(topic) is not { } stats || !stats.GetProperty("subscriptions").EnumerateArray().All(IsSettled))
                {
                    return false;
                }
            }

            return true;
        }, "everything settled");
        _ending = true;
        await end();
        await Task.WhenAll(_receiving).WaitAsync(Deadline);
        Array.ForEach(_ledgers, ledger => ledger.Check([.. _publishers.Where(publisher => publisher.Topic == ledger.Topic)]));
    }

    private static bool IsSettled(JsonElement subscription) =>
        subscription.GetProperty("waiting").GetInt64() == 0 && subscription.GetProperty("in_flight").GetInt64() == 0;

    private Task UntilAsync(Func<RawClient, Task<bool>> holds, string what)
    {
        var turn = 0;
        return Eventually.HoldsAsync(
            async () =>
            {
                await FailedAsync();
                using var client = await RawClient.ConnectAsync(PortOf(turn++), "{}", mayRefuse: true);
                return client is not null && await holds(client);
            },
            () => $"never happened: {what}",
            Deadline);
    }

    // Clients never end by themselves: one that did found something wrong.
    private async Task FailedAsync()
    {
        if (_publishing.Concat(_receiving).FirstOrDefault(task => task.IsFaulted) is { } failed)
        {
            await failed;
        }
    }

    private int PortOf(int i) => _ports() is var ports ? ports[i % ports.Count] : 0;

    private async Task PublishAsync(int first, NumberedPublisher publisher)
    {
        for (var i = first; !await publisher.RunAsync(PortOf(i), _enough.Token); i++)
        {
            await Task.Delay(AgainAfter, CancellationToken.None);
        }
    }

    private async Task ReceiveAsync(int first, Ledger ledger, string hello, string options)
    {
        var random = new Random(_random.Next());
        for (var i = first; !_ending; i++)
        {
            await new RangeSubscriber(ledger, hello, options, patience: 0, random, goesOn: true).RunAsync(PortOf(i), everything: true);
            await Task.Delay(AgainAfter, CancellationToken.None);
        }
    }
}
