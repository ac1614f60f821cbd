using System.Text;
using System.Text.Json;
using Rookery.Broker;

namespace Rookery.Wire.Tests;

internal sealed class FakeTopic(FakeBroker broker, TopicName name)
{
    private readonly List<FakeEvent> _events = [];
    private readonly Dictionary<string, FakeSubscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Producer, long Number), long> _numbered = [];
    private int _dropped;

    public TopicName Name => name;

    /// <summary>Somebody used it, and nobody dropped it since.</summary>
    public bool IsThere { get; private set; }

    public long LastSequence => _events.Count;

    public long Delivered => _subscriptions.Values.Sum(s => s.Delivered);

    public long Acknowledged => _subscriptions.Values.Sum(s => s.Acknowledged);

    public CommandResult Execute(FakeSession session, TopicCommands batch, Command command)
    {
        IsThere |= command.Kind is CommandKind.Publish or CommandKind.Subscribe;
        if (command.Kind == CommandKind.Publish)
        {
            return Publish(session, batch, command);
        }

        if (command.Kind == CommandKind.Subscribe)
        {
            return Subscribe(session, command.Options!);
        }

        if (command.Kind == CommandKind.DropTopic)
        {
            return IsThere ? new CommandResult { Outcome = Outcome.Done, Count = Drop() } : new CommandResult { Outcome = Outcome.NoSuchTopic };
        }

        var key = command.Kind is CommandKind.Unsubscribe or CommandKind.ListDead or CommandKind.ReplayDead or CommandKind.DiscardDead
            ? Encoding.UTF8.GetString(batch.BytesOf(command.Id))
            : "";
        var own = _subscriptions.Values.FirstOrDefault(s => s.Members.Any(m => m.Session == session)) ?? _subscriptions.GetValueOrDefault($"client:{session.Identity.Name}");
        if ((key.Length > 0 ? _subscriptions.GetValueOrDefault(key) : own) is not { } subscription)
        {
            return new CommandResult { Outcome = Outcome.NotSubscribed };
        }

        switch (command.Kind)
        {
            case CommandKind.Unsubscribe when key.Length > 0:
                if (subscription.Members.Count > 0)
                {
                    return new CommandResult { Outcome = Outcome.Invalid, Detail = $"{key} is in use" };
                }

                _subscriptions.Remove(key);
                return new CommandResult { Outcome = Outcome.Done };
            case CommandKind.Unsubscribe:
                subscription.Members.RemoveAll(m => m.Session == session);
                if (subscription.Members.Count == 0)
                {
                    _subscriptions.Remove(subscription.Key);
                }

                return new CommandResult { Outcome = Outcome.Done };
            case CommandKind.AcknowledgeId:
                var id = Encoding.UTF8.GetString(batch.BytesOf(command.Id));
                return Found(subscription, subscription.Settle(session, e => e.Event.IdText == id, all: false));
            case CommandKind.AcknowledgeRanges:
                var ranges = batch.Ranges.Slice(command.Ranges.Start, command.Ranges.Length).ToArray();
                var count = subscription.Settle(
                    session, e => ranges.Any(r => e.Event.Sequence >= r.First && e.Event.Sequence <= r.Last), all: true);
                return new CommandResult { Outcome = Outcome.Done, Count = count, Flag = subscription.IsIdle };
            case CommandKind.ReturnId:
                var text = Encoding.UTF8.GetString(batch.BytesOf(command.Id));
                return Found(subscription, subscription.Return(session, e => e.Event.IdText == text, command.Milliseconds));
            case CommandKind.ReturnSequence:
                return Found(subscription, subscription.Return(session, e => e.Event.Sequence == command.Number, command.Milliseconds));
            case CommandKind.ListDead:
                return new CommandResult { Outcome = Outcome.Done, Count = subscription.Dead.Count, DeadLetters = [.. subscription.Dead] };
            default:
                var dead = subscription.Dead.Where(d => command.Number == 0 || d.Sequence == command.Number).ToList();
                if (command.Number != 0 && dead.Count == 0)
                {
                    return new CommandResult { Outcome = Outcome.NoSuchEvent };
                }

                subscription.Dead.RemoveAll(dead.Contains);
                if (command.Kind == CommandKind.ReplayDead)
                {
                    subscription.Waiting.AddRange(dead.Select(d => new FakeDelivery(_events[(int)d.Sequence - 1])));
                }

                return new CommandResult { Outcome = Outcome.Done, Count = dead.Count };
        }
    }

    private int Drop()
    {
        foreach (var member in _subscriptions.Values.SelectMany(s => s.Members))
        {
            // The batch that drops may subscribe anew.
            member.Session.Receiver.Dropped(name, member.Session.LastOrdinal - 1);
        }

        _subscriptions.Clear();
        IsThere = false;
        var count = _events.Count - _dropped;
        _dropped = _events.Count;
        return count;
    }

    public void Pump()
    {
        foreach (var subscription in _subscriptions.Values)
        {
            subscription.Pump();
        }
    }

    public void Grant(FakeSession session, long bytes)
    {
        foreach (var member in _subscriptions.Values.SelectMany(s => s.Members).Where(m => m.Session == session))
        {
            member.Credit += bytes;
        }

        Pump();
    }

    public void Leave(FakeSession session)
    {
        foreach (var subscription in _subscriptions.Values.ToList())
        {
            if (subscription.Members.RemoveAll(m => m.Session == session) > 0)
            {
                subscription.GiveBack(d => d.Session == session);
                if (subscription.Key.StartsWith("session:", StringComparison.Ordinal))
                {
                    _subscriptions.Remove(subscription.Key);
                }
            }
        }

        Pump();
    }

    public TopicStats Stats() => new()
    {
        Topic = name.Value,
        LastSequence = LastSequence,
        Events = LastSequence,
        Bytes = _events.Sum(e => e.Message.Length),
        Dropped = 0,
        Expired = 0,
        Subscriptions = [.. _subscriptions.Values.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Stats())],
    };

    private static CommandResult Found(FakeSubscription subscription, int count) => count == 0
        ? new CommandResult { Outcome = Outcome.NoSuchEvent }
        : new CommandResult { Outcome = Outcome.Done, Count = count, Flag = subscription.IsIdle };

    private CommandResult Publish(FakeSession session, TopicCommands batch, Command command)
    {
        var numbered = command.Number > 0 && session.Identity.Producer is not null;
        if (numbered && _numbered.TryGetValue((session.Identity.Producer!, command.Number), out var before))
        {
            return new CommandResult { Outcome = Outcome.Repeated, Sequence = before };
        }

        var now = broker.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var token = batch.BytesOf(command.Id).ToArray();
        var text = token[0] == '"' ? JsonSerializer.Deserialize<string>(token)! : Encoding.UTF8.GetString(token);
        var added = new FakeEvent(
            LastSequence + 1, command.Priority, now, token, text, batch.BytesOf(command.Message).ToArray(),
            command.Milliseconds == 0 ? long.MaxValue : now + command.Milliseconds);
        _events.Add(added);
        if (numbered)
        {
            _numbered.Add((session.Identity.Producer!, command.Number), added.Sequence);
        }

        foreach (var subscription in _subscriptions.Values)
        {
            subscription.Waiting.Add(new FakeDelivery(added));
        }

        return new CommandResult { Outcome = Outcome.Done, Sequence = added.Sequence };
    }

    private static string Told(string name) => name.Contains('/', StringComparison.Ordinal) ? $"/{name}" : name;

    private CommandResult Subscribe(FakeSession session, SubscribeOptions options)
    {
        var key = options.Group is { } group ? $"group:{Told(group)}"
            : session.Identity.Name is { } client ? $"client:{Told(client)}"
            : $"session:{session.Identity.Id}";
        var isNew = !_subscriptions.TryGetValue(key, out var subscription);
        if (subscription is null)
        {
            subscription = new FakeSubscription(broker, name, key);
            _subscriptions.Add(key, subscription);
            var from = options.From ?? StartPosition.New;
            subscription.Waiting.AddRange(_events.Skip(_dropped).Where(e => from.Kind switch
            {
                StartKind.Start => true,
                StartKind.Sequence => e.Sequence >= from.Value,
                StartKind.Time => e.PublishedAt >= from.Value,
                _ => false,
            }).Select(e => new FakeDelivery(e)));
        }

        subscription.LeaseMs = options.LeaseMs ?? subscription.LeaseMs;
        subscription.MaxTries = options.MaxTries ?? subscription.MaxTries;
        var member = subscription.Members.FirstOrDefault(m => m.Session == session);
        if (member is null)
        {
            subscription.Members.Add(member = new FakeMember(session) { Credit = options.Credit });
        }

        member.Window = options.Window ?? member.Window;
        return new CommandResult { Outcome = Outcome.Done, Flag = isNew };
    }
}
