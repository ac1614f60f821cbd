using Rookery.Broker;

namespace Rookery.Wire.Tests;

/// <summary>
/// A broker in memory, simple enough to be seen to be right: one lock, lists, searches. Results can be scripted and held back.
/// </summary>
public sealed class FakeBroker(TimeProvider? time = null) : IBroker
{
    private readonly Dictionary<string, FakeTopic> _topics = new(StringComparer.Ordinal);
    private readonly List<FakeSession> _sessions = [];

    public Lock Gate { get; } = new();

    public TimeProvider Time { get; } = time ?? TimeProvider.System;

    public BrokerLimits Limits { get; init; } = new();

    /// <summary>Replaces the result of a command, which is then not executed.</summary>
    public Func<TopicCommands, int, CommandResult?>? Script { get; set; }

    /// <summary>Holds back the results of a batch, which is executed all the same.</summary>
    public Func<TopicCommands, Task>? Delay { get; set; }

    /// <summary>No session can be opened and no question answered, for this reason.</summary>
    public string? Down { get; set; }

    /// <summary>Commands executed.</summary>
    public int Executed { get; internal set; }

    public int SessionCount
    {
        get
        {
            lock (Gate)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>Who has a session.</summary>
    public IReadOnlyList<SessionIdentity> Identities
    {
        get
        {
            lock (Gate)
            {
                return [.. _sessions.Select(s => s.Identity)];
            }
        }
    }

    /// <summary>Called, outside the lock, whenever a session ended.</summary>
    public Action? SessionEnded { get; set; }

    public ValueTask<IBrokerSession> OpenAsync(SessionIdentity identity, ISessionReceiver receiver, CancellationToken cancellationToken)
    {
        if (Down is { } reason)
        {
            throw new BrokerUnavailableException(reason);
        }

        var session = new FakeSession(this, identity, receiver);
        lock (Gate)
        {
            if (identity.Name is { } name && _sessions.FirstOrDefault(s => s.Identity.Name == name) is { } older)
            {
                older.Receiver.Close(SessionEnd.TakenOver);
                End(older);
            }

            _sessions.Add(session);
        }

        return ValueTask.FromResult<IBrokerSession>(session);
    }

    public ValueTask<IReadOnlyList<TopicStats>> GetTopicsAsync(CancellationToken cancellationToken)
    {
        Check();
        lock (Gate)
        {
            return ValueTask.FromResult<IReadOnlyList<TopicStats>>(
                [.. _topics.Values.Where(t => t.IsThere).OrderBy(t => t.Name.Value, StringComparer.Ordinal).Select(t => t.Stats())]);
        }
    }

    public ValueTask<TopicStats?> GetTopicAsync(TopicName topic, CancellationToken cancellationToken)
    {
        Check();
        lock (Gate)
        {
            return ValueTask.FromResult(_topics.GetValueOrDefault(topic.Value) is { IsThere: true } found ? found.Stats() : null);
        }
    }

    public ValueTask<BrokerStats> GetStatsAsync(CancellationToken cancellationToken)
    {
        Check();
        lock (Gate)
        {
            return ValueTask.FromResult(new BrokerStats
            {
                Durability = "memory",
                Topics = _topics.Count,
                Sessions = _sessions.Count,
                Published = _topics.Values.Sum(t => t.LastSequence),
                Delivered = _topics.Values.Sum(t => t.Delivered),
                Acknowledged = _topics.Values.Sum(t => t.Acknowledged),
                FailedWrites = 0,
            });
        }
    }

    /// <summary>Ends every session, as a restart would; what is stored stays.</summary>
    public void Restart()
    {
        lock (Gate)
        {
            foreach (var session in _sessions.ToList())
            {
                session.Receiver.Close(SessionEnd.ShuttingDown);
                End(session);
            }
        }
    }

    internal FakeTopic Topic(TopicName name)
    {
        if (!_topics.TryGetValue(name.Value, out var topic))
        {
            _topics.Add(name.Value, topic = new FakeTopic(this, name));
        }

        return topic;
    }

    internal void End(FakeSession session)
    {
        if (_sessions.Remove(session))
        {
            foreach (var topic in _topics.Values)
            {
                topic.Leave(session);
            }
        }
    }

    private void Check()
    {
        if (Down is { } reason)
        {
            throw new BrokerUnavailableException(reason);
        }
    }
}
