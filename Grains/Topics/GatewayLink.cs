using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>
/// One gateway's link to a topic: its sessions, the exchange it sent last, and the deliveries that wait for it. A batch of
/// deliveries is kept until the gateway says that it has it.
/// </summary>
internal sealed class GatewayLink(Guid gateway, TopicOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Bytes of one batch of deliveries, about.</summary>
    private const int BatchBytes = 256 * 1024;

    /// <summary>What a session may have waiting at least: a few events, so that many sessions still all get on.</summary>
    private const long LeastShare = 4096;

    private readonly Dictionary<int, LinkedSession> _sessions = [];
    private readonly Queue<Batch> _full = new();
    private Batch _filling = new();
    private Batch? _sent;
    private long _number;
    private TaskCompletionSource<PullReply>? _pull;
    private long _pullSince;
    private long _heard = time.GetTimestamp();

    public Guid Gateway => gateway;

    /// <summary>Names this link: no other, of this activation or another, has it.</summary>
    public Guid Epoch { get; } = Guid.NewGuid();

    public IReadOnlyCollection<LinkedSession> Sessions => _sessions.Values;

    /// <summary>The exchange that came last, and its answer.</summary>
    public (long Number, Task<ExchangeReply> Reply) Last { get; set; } = (0, Task.FromResult<ExchangeReply>(null!));

    /// <summary>Bytes that may wait here for one session.</summary>
    public long Share => Math.Max(LeastShare, options.LinkBytes / Math.Max(1, _sessions.Count));

    /// <summary>Number of the batch that the delivery written last is in.</summary>
    public long LastFilled => _number + _full.Count + (_filling.Writer.Length > 0 ? 1 : 0);

    public bool HasLeaseEnded => time.GetElapsedTime(_heard) > options.GatewayLease;

    public void Heard() => _heard = time.GetTimestamp();

    public LinkedSession? Find(int handle) => _sessions.GetValueOrDefault(handle);

    public LinkedSession Introduce(int handle, SessionIdentity identity)
    {
        if (!_sessions.TryGetValue(handle, out var session))
        {
            session = new LinkedSession(this, handle, identity);
            _sessions.Add(handle, session);
        }

        return session;
    }

    public void Remove(LinkedSession session) => _sessions.Remove(session.Handle);

    public void Write(LinkedSession session, long after, ReadOnlySpan<Delivery> deliveries)
    {
        var cost = 0L;
        foreach (ref readonly var delivery in deliveries)
        {
            cost += delivery.Cost;
        }

        session.Unused -= cost;
        session.Waiting += cost;
        _filling.Costs.Add((session, cost));
        DeliveryCodec.Write(_filling.Writer, session.Handle, after, deliveries);
        if (_filling.Writer.Length >= BatchBytes)
        {
            _full.Enqueue(_filling);
            _filling = new Batch();
        }
    }

    /// <summary>The gateway asks for more and says what it has.</summary>
    public Task<PullReply> PullAsync(long received, TopicShell shell, bool held)
    {
        Heard();
        EndPull();
        if (_sent is { } sent && received >= _number)
        {
            _sent = null;
            foreach (var (session, cost) in sent.Costs)
            {
                session.Received(cost, shell);
            }

            sent.Dispose();
        }

        _pull = new TaskCompletionSource<PullReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pullSince = time.GetTimestamp();
        var task = _pull.Task;
        Push(held);
        return task;
    }

    /// <summary>Hands over what waits, if the gateway asks for it and nothing is held back.</summary>
    public void Push(bool held)
    {
        if (_pull is null || held)
        {
            return;
        }

        if (_sent is null)
        {
            if (!_full.TryDequeue(out var next))
            {
                if (_filling.Writer.Length == 0)
                {
                    return;
                }

                (next, _filling) = (_filling, new Batch());
            }

            _sent = next;
            _number++;
        }

        _pull.SetResult(new PullReply(LinkStatus.Done, Epoch, _number, _sent.Writer.ToArray()));
        _pull = null;
    }

    /// <summary>Answers a gateway that has waited for the poll time.</summary>
    public void Tick()
    {
        if (_pull is not null && time.GetElapsedTime(_pullSince) >= options.PollTime)
        {
            EndPull();
        }
    }

    /// <summary>The topic goes away: whoever waits is sent to make a new link.</summary>
    public void End()
    {
        _pull?.SetResult(new PullReply(LinkStatus.NotLinked, Epoch, 0, []));
        _pull = null;
    }

    public void Dispose()
    {
        End();
        _sent?.Dispose();
        _filling.Dispose();
        while (_full.TryDequeue(out var batch))
        {
            batch.Dispose();
        }
    }

    private void EndPull()
    {
        _pull?.SetResult(new PullReply(LinkStatus.Done, Epoch, 0, []));
        _pull = null;
    }

    private sealed class Batch : IDisposable
    {
        public FlatWriter Writer { get; } = new(8192);

        public List<(LinkedSession Session, long Cost)> Costs { get; } = [];

        public void Dispose() => Writer.Dispose();
    }
}
