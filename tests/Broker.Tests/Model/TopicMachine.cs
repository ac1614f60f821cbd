using System.Globalization;
using System.Text;

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
internal sealed class TopicMachine
{
    private const int Keep = 4;
    private readonly TopicBench _bench;
    private readonly TopicBench.Client?[] _clients = new TopicBench.Client?[6];
    private readonly Dictionary<TopicBench.Client, (string Key, int Window)> _members = [];
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
            default:
                Crash(stored: n % 2 == 0);
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

    private ReferenceSubscription? SubscriptionOf(TopicBench.Client client) =>
        _members.TryGetValue(client, out var member) ? _now.Subscriptions[member.Key] : null;

    private void Expect(TopicBench.Reply reply, Outcome outcome, long? sequence = null, int? count = null) =>
        _pending.Add(new Expected(reply, outcome, sequence, count));

    private void Publish(TopicBench.Client client, sbyte priority, long ttl, long number)
    {
        var producer = client.Session.Identity.Producer;
        var repeated = number > 0 && producer is not null && _now.Producers.TryGetValue(producer, out var last) && number <= last.Last;
        var known = repeated ? _now.Producers[producer!] : default;
        var sequence = repeated ? (number == known.Last ? known.Sequence : 0) : _now.Publish(priority, ttl > 0 ? _bench.Now + ttl : 0, Keep);
        if (number > 0 && producer is not null && !repeated)
        {
            _now.Producers[producer] = (number, sequence);
        }

        // The id is the future number modulo 5, so that ids repeat; a repeat is thrown away and its id does not matter.
        var reply = client.Send(c => c.Publish(Encoding.UTF8.GetBytes($"\"{sequence % 5}\""), Encoding.UTF8.GetBytes($"{sequence}"), priority, ttl, number));
        Expect(reply, repeated ? Outcome.Repeated : Outcome.Done, sequence);
    }

    private void Subscribe(int who, int n)
    {
        var client = Client(who);
        var key = KeyOf(who);
        var options = new SubscribeOptions
        {
            Group = who is 3 or 4 ? "g" : null,
            Window = n % 3 == 0 ? null : (n % 4) + 1,
            LeaseMs = n % 5 == 0 ? 60 : null,
            MaxTries = n % 7 == 0 ? 2 : null,
            From = n % 2 == 0 ? StartPosition.Start : null,
        };
        if (client.Session.TakenOver)
        {
            Expect(client.Send(c => c.Subscribe(options)), Outcome.Invalid);
            return;
        }

        if (!_now.Subscriptions.TryGetValue(key, out var subscription))
        {
            subscription = _now.Subscribe(key, n % 2 == 0 ? 1 : _now.Next);
        }

        subscription.Window = options.Window ?? subscription.Window;
        subscription.LeaseMs = options.LeaseMs ?? subscription.LeaseMs;
        subscription.MaxTries = options.MaxTries ?? subscription.MaxTries;
        EndLeases(subscription, _bench.Now);
        var isMember = _members.TryGetValue(client, out var before);
        if (!isMember && key == "client:alice" && _members.FirstOrDefault(pair => pair.Value.Key == key).Key is { } older)
        {
            Leave(older);
        }

        _members[client] = (key, options.Window ?? (isMember ? before.Window : subscription.Window));
        Expect(client.Send(c => c.Subscribe(options)), Outcome.Done);
    }

    private void Leave(TopicBench.Client client)
    {
        var subscription = _now.Subscriptions[_members[client].Key];
        foreach (var sequence in subscription.Unsettled.Where(pair => pair.Value.Phase == Phase.InFlight && pair.Value.Holder == client).Select(pair => pair.Key).ToList())
        {
            _now.GiveBack(subscription, sequence, 0);
        }

        _members.Remove(client);
    }

    private void AcknowledgeId(TopicBench.Client client, string id)
    {
        var reply = () => client.Send(c => c.Acknowledge(Encoding.UTF8.GetBytes(id)));
        if (SubscriptionOf(client) is not { } subscription)
        {
            Expect(reply(), Outcome.NotSubscribed);
            return;
        }

        var matching = subscription.Unsettled
            .Where(pair => pair.Value.HasId && $"{pair.Key % 5}" == id)
            .OrderBy(pair => pair.Value.SentOrder)
            .ToList();
        var found = matching.Find(pair => pair.Value.Phase == Phase.InFlight && pair.Value.Holder == client);
        if (found.Value is null)
        {
            found = matching.Find(pair => pair.Value.Phase == Phase.Waiting && (!subscription.IsGroup || pair.Value.Holder == client));
        }

        if (found.Value is not null)
        {
            subscription.Unsettled.Remove(found.Key);
            _now.Cull(Keep);
        }

        Expect(reply(), found.Value is null ? Outcome.NoSuchEvent : Outcome.Done, found.Key);
    }

    private void Acknowledge(TopicBench.Client client, int n)
    {
        var first = Math.Max(1, (n % (int)_now.Next) - 2);
        var last = n % 3 == 0 ? long.MaxValue : first + (n % 5);
        if (SubscriptionOf(client) is { } subscription)
        {
            var range = subscription.Unsettled.Where(pair => pair.Key >= first && pair.Key <= last).ToList();
            if (range.Exists(pair => pair.Value.Phase == Phase.Waiting && pair.Value.Forgotten > 0))
            {
                // Whether it was delivered before is not known for certain.
                return;
            }

            var settled = range.FindAll(pair => pair.Value.Phase == Phase.InFlight ? pair.Value.Holder == client
                : pair.Value.Phase == Phase.Waiting && pair.Value.Tries > 0 && (!subscription.IsGroup || pair.Value.Holder == client));
            settled.ForEach(pair => subscription.Unsettled.Remove(pair.Key));
            _now.Cull(Keep);
            Expect(client.Send(c => c.Acknowledge([new SequenceRange(first, last)])), Outcome.Done, count: settled.Count);
        }
        else
        {
            Expect(client.Send(c => c.Acknowledge([new SequenceRange(first, last)])), Outcome.NotSubscribed);
        }
    }

    private void Return(TopicBench.Client client, int n)
    {
        if (SubscriptionOf(client) is not { } subscription)
        {
            return;
        }

        var sequence = Math.Max(1, n % (int)_now.Next);
        var mine = subscription.Unsettled.Where(pair => pair.Value.Phase == Phase.InFlight && pair.Value.Holder == client).Select(pair => pair.Key).ToList();
        sequence = n % 4 != 0 && mine.Count > 0 ? (int)mine[n % mine.Count] : sequence;
        var delay = n % 2 == 0 ? 0 : n % 60;
        var found = mine.Contains(sequence);
        if (found)
        {
            _now.GiveBack(subscription, sequence, delay > 0 ? _bench.Now + delay : 0);
        }

        Expect(client.Send(c => c.Return((long)sequence, delay)), found ? Outcome.Done : Outcome.NoSuchEvent);
    }

    private void Dead(TopicBench.Client client, int n)
    {
        if (SubscriptionOf(client) is not { } subscription)
        {
            return;
        }

        var dead = subscription.Unsettled.Where(pair => pair.Value.Phase == Phase.Dead).Select(pair => pair.Key).ToList();
        var kind = (n % 3) switch { 0 => CommandKind.ListDead, 1 => CommandKind.ReplayDead, _ => CommandKind.DiscardDead };
        if (kind == CommandKind.ReplayDead)
        {
            dead.ForEach(sequence => subscription.Unsettled[sequence] = new ReferenceState());
        }
        else if (kind == CommandKind.DiscardDead)
        {
            dead.ForEach(sequence => subscription.Unsettled.Remove(sequence));
            _now.Cull(Keep);
        }

        Expect(client.Send(c => c.DeadLetters(kind)), Outcome.Done, count: dead.Count);
    }

    private void Unsubscribe(TopicBench.Client client)
    {
        if (SubscriptionOf(client) is not { } subscription)
        {
            Expect(client.Send(c => c.Unsubscribe()), Outcome.NotSubscribed);
            return;
        }

        Leave(client);
        if (!_members.Values.Any(member => member.Key == subscription.Key))
        {
            _now.Subscriptions.Remove(subscription.Key);
            _now.Cull(Keep);
        }

        Expect(client.Send(c => c.Unsubscribe()), Outcome.Done);
    }

    private void Disconnect(int who)
    {
        if (_clients[who] is not { } client)
        {
            return;
        }

        if (SubscriptionOf(client) is { } subscription)
        {
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

    private void CompleteWrite(bool holdOn)
    {
        while (_bench.Journal.HasPending)
        {
            _bench.Journal.Complete();
            (_durable, _inWrite) = (_inWrite!, null);
            _bench.Journal.Holds = holdOn;
            _bench.Turn();
            Observe();
            if (holdOn)
            {
                break;
            }
        }

        _bench.Journal.Holds = holdOn;
    }

    private void Fail(bool stored)
    {
        if (!_bench.Journal.HasPending)
        {
            return;
        }

        _bench.Journal.FailAppend(stored);
        _bench.Journal.Holds = false;
        _bench.Turn();
        Assert.True(_bench.Shell.IsFailed);
        Assert.All(_pending, expected => Assert.True(expected.Reply.Result.Outcome is Outcome.Unknown or Outcome.Unavailable));
        GoBack(stored);
        foreach (var (client, member) in _members.ToList())
        {
            if (!_now.Subscriptions.ContainsKey(member.Key))
            {
                _members.Remove(client);
            }
        }

        _bench.Recover();
        Resume();
    }

    private void Crash(bool stored)
    {
        GoBack(stored);
        _members.Clear();
        Array.Clear(_clients);
        _bench.Journal.Holds = false;
        _bench.Restart(stored);
        Resume();
    }

    private void GoBack(bool stored)
    {
        _now = (stored && _inWrite is not null ? _inWrite : _durable).Copy();
        _inWrite = null;
        _pending.Clear();
    }

    private void Resume()
    {
        _now.Restart();
        foreach (var key in _now.Subscriptions.Where(pair => !pair.Value.IsDurable && !_members.Values.Any(member => member.Key == pair.Key)).Select(pair => pair.Key).ToList())
        {
            _now.Subscriptions.Remove(key);
        }

        _now.Expire(_bench.Now);
        _now.Cull(Keep);
        _durable = _now.Copy();
        _appends = _bench.Journal.Appends;
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
        Assert.InRange(seen.Tries, state.Tries + 1 - state.Forgotten, state.Tries + 1);
        Assert.Equal((_now.Events[seen.Sequence].Priority, $"\"{seen.Sequence % 5}\"", $"{seen.Sequence}"), (seen.Priority, seen.Id, seen.Message));
        (state.Phase, state.Tries, state.Forgotten, state.SentAt, state.SentOrder, state.Holder, state.HasId) =
            (Phase.InFlight, seen.Tries, 0, _bench.Now, ++_order, member, true);
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
