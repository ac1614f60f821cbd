using System.Text;

namespace Rookery.Broker.Tests.Model;

/// <content>What clients do.</content>
internal sealed partial class TopicMachine
{
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

        subscription.LeaseMs = options.LeaseMs ?? subscription.LeaseMs;
        subscription.MaxTries = options.MaxTries ?? subscription.MaxTries;
        EndLeases(subscription, _bench.Now);
        var isMember = _members.TryGetValue(client, out var before);
        if (!isMember && key == "client:alice" && _members.FirstOrDefault(pair => pair.Value.Key == key).Key is { } older)
        {
            Leave(older);
        }

        _members[client] = (key, options.Window ?? (isMember ? before.Window : 1));
        if (_dropped.TryGetValue(client, out var ended))
        {
            // Should both come to nothing, it goes on as it began; of the second only the window stays.
            _dropped[client] = (ended.Key, _members[client].Window);
        }

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

        if (subscription.IsGroup)
        {
            Leave(client);
        }
        else
        {
            // An older connection of the same name goes with it.
            _members.Where(pair => pair.Value.Key == subscription.Key).Select(pair => pair.Key).ToList().ForEach(Leave);
        }

        if (!_members.Values.Any(member => member.Key == subscription.Key))
        {
            _now.Subscriptions.Remove(subscription.Key);
            _now.Cull(Keep);
        }

        Expect(client.Send(c => c.Unsubscribe()), Outcome.Done);
    }

    private void Drop(TopicBench.Client client)
    {
        var count = _now.Events.Count;
        _now.Drop();
        foreach (var (member, how) in _members)
        {
            _dropped[member] = how;
        }

        _members.Clear();

        // A list of dead letters whose events are fetched when its turn has come finds them gone.
        for (var i = 0; i < _pending.Count; i++)
        {
            var isList = _pending[i].Reply.Commands.Commands[0].Kind == CommandKind.ListDead;
            _pending[i] = isList ? _pending[i] with { Count = null } : _pending[i];
        }

        Expect(client.Send(c => c.DropTopic()), Outcome.Done, count: count);
    }
}
