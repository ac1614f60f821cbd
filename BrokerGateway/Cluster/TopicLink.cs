using Microsoft.Extensions.Logging;
using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.BrokerGateway;

/// <summary>
/// This gateway's link to one topic. What its sessions want goes out in one call at a time, so that it is executed in order and
/// what comes meanwhile shares the next; deliveries are pulled as long as a session wants any. When the topic has moved, the
/// link is made anew with the sessions that are here.
/// </summary>
internal sealed partial class TopicLink(TopicName topic, ITopicGrain grain, ClusterBroker broker)
{
    private readonly Lock _gate = new();
    private readonly Queue<LinkItem> _queue = new();
    private readonly Dictionary<int, LinkSession> _sessions = [];
    private readonly Queue<(long After, LinkItem Item)> _behind = new();
    private TaskCompletionSource _linked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Guid _epoch;
    private long _received;
    private int _lastHandle;
    private bool _linkWanted;
    private bool _pumping;
    private bool _pulling;
    private bool _retired;

    public TopicName Topic => topic;

    private ClusterBrokerOptions Options => broker.Options;

    private TimeProvider Time => broker.Time;

    private ILogger Logger => broker.Logger;

    /// <summary>Joins a session to the link; null where the link is at its end and another has to be asked for.</summary>
    public LinkSession? TryJoin(ClusterSession session)
    {
        lock (_gate)
        {
            if (_retired)
            {
                return null;
            }

            var joined = new LinkSession(session, ++_lastHandle);
            _sessions.Add(joined.Handle, joined);
            return joined;
        }
    }

    public ValueTask ExecuteAsync(LinkSession session, TopicCommands commands)
    {
        if (!broker.IsReachable)
        {
            LinkItem.Fail(commands, Outcome.Unavailable, ClusterBroker.Lost);
            broker.Metrics.Failed(unknown: false);
            return default;
        }

        var item = new LinkItem(session, commands, leaves: false, Time.GetTimestamp());
        lock (_gate)
        {
            if (session.HasLeft)
            {
                // It left while this was on its way here: the topic does not know it any more, and the link may be at its end.
                LinkItem.Fail(commands, Outcome.Unavailable, ClusterSession.Ended);
                return default;
            }

            session.Sending(commands);
            Add(item);
            StartPull();
        }

        return new ValueTask(item.Done);
    }

    public void Grant(LinkSession session, long bytes)
    {
        lock (_gate)
        {
            session.Grant(bytes);
            if (!session.HasGrant && !session.HasLeft)
            {
                session.HasGrant = true;
                Add(new LinkItem(session, null, leaves: false, Time.GetTimestamp()));
            }
        }
    }

    /// <summary>Ends a session here; completes when the topic has heard, or the time for it is over.</summary>
    public Task LeaveAsync(LinkSession session)
    {
        var item = new LinkItem(session, null, leaves: true, Time.GetTimestamp());
        lock (_gate)
        {
            session.HasLeft = true;
            Add(item);
        }

        return item.Done;
    }

    private void Add(LinkItem item)
    {
        _queue.Enqueue(item);
        StartPump();
    }

    private void StartPump()
    {
        if (!_pumping)
        {
            _pumping = true;
            _ = Task.Run(PumpAsync);
        }
    }

    private void StartPull()
    {
        if (!_pulling && !broker.IsStopped && _sessions.Values.Any(one => one.IsInterested && !one.HasLeft))
        {
            _pulling = true;
            _ = Task.Run(PullAsync);
        }
    }

    /// <summary>Takes away what the topic has been told is gone; without any session the link ends.</summary>
    private void Forget(LinkSession session)
    {
        lock (_gate)
        {
            _sessions.Remove(session.Handle);
            if (_sessions.Count == 0 && _queue.Count == 0)
            {
                _retired = true;
                broker.Remove(this);
            }
        }
    }

    /// <summary>What the link was made with is gone, as far as this epoch is still the one.</summary>
    private void Unlink(Guid epoch)
    {
        lock (_gate)
        {
            if (_epoch == epoch && epoch != Guid.Empty)
            {
                _epoch = Guid.Empty;
                Release(long.MaxValue);
                _linked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (_epoch == Guid.Empty && !_retired)
            {
                _linkWanted = true;
                StartPump();
            }
        }
    }

    /// <summary>Deliveries up to this batch are here, or will never be: results that had to come behind them may.</summary>
    private void Release(long received)
    {
        while (_behind.TryPeek(out var first) && first.After <= received)
        {
            _behind.Dequeue().Item.Complete();
        }
    }

    private Task PauseAsync(ref TimeSpan delay)
    {
        GatewayMetrics.Retried();
        var pause = delay * (0.75 + (Random.Shared.NextDouble() / 2));
        delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, Options.MaxRetryDelay.Ticks));
        return Task.Delay(pause, Time);
    }
}
