using Rookery.Broker;

namespace Rookery.Wire.Tests;

internal sealed record FakeEvent(long Sequence, sbyte Priority, long PublishedAt, byte[] Id, string IdText, byte[] Message, long ExpiresAt);

internal sealed class FakeMember(FakeSession session)
{
    public FakeSession Session => session;

    public int Window { get; set; } = 1;

    public long Credit { get; set; }

    public int InFlight { get; set; }
}

internal sealed class FakeDelivery(FakeEvent of)
{
    public FakeEvent Event => of;

    public int Tries { get; set; }

    public FakeSession? Session { get; set; }

    public long NotBefore { get; set; }

    public long LeaseEnds { get; set; } = long.MaxValue;
}

internal sealed class FakeSubscription(FakeBroker broker, TopicName topic, string key)
{
    private readonly List<FakeDelivery> _inFlight = [];
    private long _redelivered;

    public string Key => key;

    public List<FakeDelivery> Waiting { get; } = [];

    public List<FakeMember> Members { get; } = [];

    public List<DeadLetter> Dead { get; } = [];

    public int LeaseMs { get; set; }

    public int MaxTries { get; set; }

    public long Delivered { get; private set; }

    public long Acknowledged { get; private set; }

    public bool IsIdle => Waiting.Count == 0 && _inFlight.Count == 0;

    private long Now => broker.Time.GetUtcNow().ToUnixTimeMilliseconds();

    public int Settle(FakeSession session, Predicate<FakeDelivery> which, bool all)
    {
        // What was given back counts as long as it was not delivered again.
        var found = _inFlight.Where(d => d.Session == session && which(d))
            .Concat(Waiting.Where(d => d.Tries > 0 && which(d))).Take(all ? int.MaxValue : 1).ToList();
        _inFlight.RemoveAll(found.Contains);
        Waiting.RemoveAll(found.Contains);
        Acknowledged += found.Count;
        return found.Count;
    }

    public int Return(FakeSession session, Predicate<FakeDelivery> which, long delayMs)
    {
        if (_inFlight.Find(d => d.Session == session && which(d)) is not { } found)
        {
            return 0;
        }

        GiveBack(d => d == found);
        found.NotBefore = Now + delayMs;
        Later(delayMs);
        return 1;
    }

    public void GiveBack(Predicate<FakeDelivery> which)
    {
        foreach (var back in _inFlight.Where(d => which(d)).ToList())
        {
            _inFlight.Remove(back);
            if (MaxTries > 0 && back.Tries >= MaxTries)
            {
                var of = back.Event;
                Dead.Add(new DeadLetter(of.Sequence, of.Priority, of.PublishedAt, Now, back.Tries, of.Id, of.Message));
            }
            else
            {
                Waiting.Add(back);
            }
        }
    }

    public void Pump()
    {
        var now = Now;
        GiveBack(d => d.LeaseEnds <= now);
        Waiting.RemoveAll(d => d.Event.ExpiresAt <= now);
        while (Members.Where(HasRoom).MinBy(m => _inFlight.Count(d => d.Session == m.Session)) is { } member
            && Waiting.Where(d => d.NotBefore <= now).OrderByDescending(d => d.Event.Priority).ThenBy(d => d.Event.Sequence).FirstOrDefault() is { } next)
        {
            Waiting.Remove(next);
            next.Tries++;
            next.Session = member.Session;
            next.LeaseEnds = LeaseMs == 0 ? long.MaxValue : now + LeaseMs;
            _inFlight.Add(next);
            Later(LeaseMs);
            Delivered++;
            _redelivered += next.Tries > 1 ? 1 : 0;
            var delivery = new Delivery
            {
                Sequence = next.Event.Sequence,
                PublishedAt = next.Event.PublishedAt,
                Tries = next.Tries,
                Priority = next.Event.Priority,
                Id = next.Event.Id,
                Message = next.Event.Message,
            };
            member.Credit -= delivery.Cost;
            member.Session.Receiver.Deliver(topic, member.Session.LastOrdinal, [delivery]);
        }
    }

    public SubscriptionStats Stats() => new()
    {
        Key = key,
        Members = Members.Count,
        Waiting = Waiting.Count,
        InFlight = _inFlight.Count,
        Dead = Dead.Count,
        Delivered = Delivered,
        Redelivered = _redelivered,
        Acknowledged = Acknowledged,
    };

    private bool HasRoom(FakeMember member) => member.Credit > 0 && _inFlight.Count(d => d.Session == member.Session) < member.Window;

    private void Later(long ms)
    {
        if (ms > 0)
        {
            ITimer? timer = null;
            timer = broker.Time.CreateTimer(
                _ =>
                {
                    timer?.Dispose();
                    lock (broker.Gate)
                    {
                        Pump();
                    }
                },
                null, TimeSpan.FromMilliseconds(ms), Timeout.InfiniteTimeSpan);
        }
    }
}
