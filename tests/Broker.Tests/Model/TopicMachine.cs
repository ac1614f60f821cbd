using System.Globalization;

namespace Rookery.Broker.Tests.Model;

/// <summary>One step of a random run.</summary>
internal sealed record Step(int Kind, int Who, int Number)
{
    public override string ToString() => $"({Kind},{Who},{Number})";
}

/// <summary>
/// Runs a topic and the reference side by side. What must be durable is known per step: the reference keeps a copy of itself
/// after each, and a crash goes back to the copy that the last completed (or stored) write covers.
/// </summary>
internal sealed partial class TopicMachine
{
    private const int Keep = 4;
    private readonly TopicBench _bench;
    private readonly TopicBench.Client?[] _clients = new TopicBench.Client?[6];
    private readonly Dictionary<TopicBench.Client, (string Key, int Window)> _members = [];
    private readonly Dictionary<TopicBench.Client, (string Key, int Window)> _dropped = [];
    private readonly List<Expected> _pending = [];
    private ReferenceTopic _now = new();
    private ReferenceTopic _durable = new();
    private ReferenceTopic? _inWrite;
    private int _appends;
    private long _order;

    public TopicMachine(int cacheBytes) =>
        _bench = new TopicBench(new BrokerLimits { Retention = new Retention { KeepEvents = Keep, KeepAge = TimeSpan.FromDays(100), MaxAge = TimeSpan.FromDays(100) } }, cacheBytes);

    public void Run(Step step)
    {
        Do(step);
        Observe();
        Deliver();
        Check();
    }

    private void Do(Step step)
    {
        var (who, n) = (step.Who % _clients.Length, step.Number);
        switch (step.Kind)
        {
            case < 30:
                Publish(Client(who), (sbyte)((n % 5) - 2), n % 11 == 0 ? 50 + n : 0, n % 7 == 0 ? (n / 7 % 20) + 1 : 0);
                break;
            case < 40:
                Subscribe(who, n);
                break;
            case < 55:
                AcknowledgeId(Client(who), (n % 5).ToString(CultureInfo.InvariantCulture));
                break;
            case < 65:
                Acknowledge(Client(who), n);
                break;
            case < 72:
                Return(Client(who), n);
                break;
            case < 78:
                Advance(n % 100);
                break;
            case < 81:
                Disconnect(who);
                break;
            case < 83:
                Unsubscribe(Client(who));
                break;
            case < 86:
                Dead(Client(who), n);
                break;
            case < 88:
                _bench.Shell.Compact(n % 2 == 0 ? 0 : n, 100 + (n * 20));
                _bench.Turn();
                break;
            case < 91:
                _bench.Journal.Holds = true;
                break;
            case < 96:
                CompleteWrite(holdOn: step.Kind < 94);
                break;
            case < 98:
                Fail(stored: n % 2 == 0);
                break;
            case < 100:
                Crash(stored: n % 2 == 0);
                break;
            case < 101:
                Drop(Client(who));
                break;
            default:
                Rest();
                break;
        }
    }

    private TopicBench.Client Client(int who) =>
        _clients[who] ??= _bench.Connect(who is 1 or 2 ? "alice" : null, producer: who % 2 == 0 ? $"p{who}" : null);

    private string KeyOf(int who) => who switch
    {
        1 or 2 => "client:alice",
        3 or 4 => "group:g",
        _ => $"session:{Client(who).Session.Identity.Id:N}",
    };

    /// <summary>What a client receives from, or has from before it connected.</summary>
    private ReferenceSubscription? SubscriptionOf(TopicBench.Client client) =>
        _members.TryGetValue(client, out var member) ? _now.Subscriptions[member.Key]
        : client.Session is { TakenOver: false, Identity.Name: { } name } ? _now.Subscriptions.GetValueOrDefault($"client:{name}")
        : null;

    private void Expect(TopicBench.Reply reply, Outcome outcome, long? sequence = null, int? count = null) =>
        _pending.Add(new Expected(reply, outcome, sequence, count));

    private void Disconnect(int who)
    {
        if (_clients[who] is not { } client)
        {
            return;
        }

        if (_members.TryGetValue(client, out var member))
        {
            var subscription = _now.Subscriptions[member.Key];
            Leave(client);
            if (!subscription.IsDurable)
            {
                _now.Subscriptions.Remove(subscription.Key);
                _now.Cull(Keep);
            }
        }

        _clients[who] = null;
        client.Disconnect();
    }

    private void Advance(int milliseconds)
    {
        var now = _bench.Now + milliseconds;
        _now.Expire(now);
        foreach (var subscription in _now.Subscriptions.Values)
        {
            EndLeases(subscription, now);
        }

        _bench.Advance(milliseconds);
    }

    private void EndLeases(ReferenceSubscription subscription, long now)
    {
        foreach (var (sequence, state) in subscription.Unsettled.ToList())
        {
            if (subscription.LeaseMs > 0 && state.Phase == Phase.InFlight && state.SentAt + subscription.LeaseMs <= now)
            {
                _now.GiveBack(subscription, sequence, 0);
            }
        }
    }

    /// <summary>Finds out what the step made durable.</summary>
    private void Observe()
    {
        if (_bench.Journal.Appends != _appends)
        {
            _appends = _bench.Journal.Appends;
            if (_bench.Journal.HasPending)
            {
                _inWrite = _now.Copy();
            }
        }

        if (!_bench.Journal.HasPending)
        {
            _durable = _now.Copy();
        }

        for (var i = 0; i < _pending.Count; i++)
        {
            var (reply, outcome, sequence, count) = _pending[i];
            if (!_bench.Journal.HasPending)
            {
                Assert.True(reply.IsComplete, "a reply is missing");
            }

            if (reply.IsComplete)
            {
                var result = reply.Result;
                Assert.Equal((outcome, sequence ?? result.Sequence, count ?? result.Count), (result.Outcome, result.Sequence, result.Count));
                _pending.RemoveAt(i--);
            }
        }
    }

    /// <summary>What every subscription received must be what it was to get next, in order.</summary>
    private void Deliver()
    {
        foreach (var subscription in _now.Subscriptions.Values)
        {
            var members = _members.Where(pair => pair.Value.Key == subscription.Key).Select(pair => pair.Key).ToList();
            var room = members.ToDictionary(member => member, member => Math.Max(0, _members[member].Window - InFlight(subscription, member)));
            var expected = _now.Deliverable(subscription, _durable.Next - 1, _bench.Now).Take(room.Values.Sum()).ToList();
            Assert.Equal(expected.Order(), members.SelectMany(member => member.Received).Select(seen => seen.Sequence).Order());
            foreach (var member in members)
            {
                Assert.True(member.Received.Count <= room[member], "a window was exceeded");
                Assert.Equal(expected.Where(sequence => member.Received.Exists(seen => seen.Sequence == sequence)), member.Received.Select(seen => seen.Sequence));
                member.Received.ForEach(seen => Take(subscription, member, seen));
                member.Received.Clear();
            }
        }

        Assert.All(_clients, client => Assert.True(client is null || client.Received.Count == 0));
    }

    private static int InFlight(ReferenceSubscription subscription, TopicBench.Client member) =>
        subscription.Unsettled.Values.Count(state => state.Phase == Phase.InFlight && state.Holder == member);

    private void Take(ReferenceSubscription subscription, TopicBench.Client member, TopicBench.Seen seen)
    {
        var state = subscription.Unsettled[seen.Sequence];
        Assert.Equal(state.Tries + 1, seen.Tries);
        Assert.Equal((_now.Events[seen.Sequence].Priority, $"\"{seen.Sequence % 5}\"", $"{seen.Sequence}"), (seen.Priority, seen.Id, seen.Message));
        (state.Phase, state.Tries, state.SentAt, state.SentOrder, state.Holder, state.HasId) =
            (Phase.InFlight, seen.Tries, _bench.Now, ++_order, member, true);
    }

    private void Check()
    {
        var stats = _bench.Stats;
        Assert.Equal(_now.Next - 1, stats.LastSequence);
        Assert.Equal(_now.Events.Count, stats.Events);
        Assert.Equal(_now.Subscriptions.Keys, stats.Subscriptions.Select(subscription => subscription.Key));
        foreach (var (subscription, seen) in _now.Subscriptions.Values.Zip(stats.Subscriptions))
        {
            Assert.Equal(
                (subscription.Count(Phase.Waiting), subscription.Count(Phase.InFlight), subscription.Count(Phase.Dead)),
                ((int)seen.Waiting, (int)seen.InFlight, (int)seen.Dead));
        }
    }

    private sealed record Expected(TopicBench.Reply Reply, Outcome Outcome, long? Sequence, int? Count);
}
