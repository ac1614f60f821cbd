using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>
/// Supervised workers over batches of work, as many as the work needs. Nothing sent is lost: a worker that crashes is replaced
/// and what it had goes to others; one that has to go finishes its queue first; senders wait while too much waits.
/// </summary>
internal sealed class ElasticPool<TWork> : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<PoolWorker<TWork>> _workers = [];
    private readonly HashSet<PoolWorker<TWork>> _draining = [];
    private readonly IPoolHandler<TWork> _handler;
    private readonly ElasticPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly PoolScaler _scaler;
    private readonly Routing _routing;
    private readonly Percentiles _workTimes = new();
    private readonly Pulse _room = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _scaling;
    private int[] _loads = new int[16];
    private int _lastNumber;
    private int _waiting;
    private long _processed;
    private long _crashes;
    private long _givenUp;
    private bool _rests;
    private bool _closed;

    /// <summary>A pool with its fewest workers, which begin at once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public ElasticPool(IPoolHandler<TWork> handler, ElasticPoolOptions options, TimeProvider time)
    {
        options.Validate();
        _handler = handler;
        _options = options;
        _time = time;
        _scaler = new PoolScaler(options.Size);
        _routing = new Routing(options.Routing);
        lock (_gate)
        {
            for (var i = 0; i < Math.Max(options.Size.Min, 1); i++)
            {
                Hire();
            }
        }

        _scaling = time.CreateTimer(_ => Scale(), null, options.ScaleEvery, options.ScaleEvery);
    }

    /// <summary>Figures of the pool.</summary>
    public PoolStatus Status
    {
        get
        {
            lock (_gate)
            {
                var busy = _workers.Count(w => w.Load > 0) + _draining.Count(w => w.Load > 0);
                return new PoolStatus(
                    _workers.Count, _draining.Count, busy, _waiting, _processed, _crashes, _givenUp,
                    _workTimes.At(75), _workTimes.At(85), _workTimes.At(95));
            }
        }
    }

    /// <summary>Gives a batch to a worker, waiting while too much waits.</summary>
    /// <exception cref="OperationCanceledException">Given up before the batch was taken.</exception>
    /// <exception cref="ObjectDisposedException">The pool stops.</exception>
    public ValueTask SendAsync(TWork work, CancellationToken cancellationToken) =>
        TrySend(work) ? ValueTask.CompletedTask : WaitAndSendAsync(work, cancellationToken);

    /// <summary>Waits until everything sent is done. Work that is sent meanwhile counts.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var room = _room.Next;
            lock (_gate)
            {
                if (_waiting == 0)
                {
                    return;
                }
            }

            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Looks at the number of workers, as the timer does.</summary>
    public void Scale()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            var target = _scaler.Target(_workers.Count, _waiting, (long)_time.GetElapsedTime(0).TotalMilliseconds);
            while (_workers.Count < target)
            {
                Hire();
            }

            while (_workers.Count > Math.Max(target, 1))
            {
                DrainOne();
            }

            // Nothing to do and nobody to let go: the next work wakes the timer.
            if (_waiting == 0 && _workers.Count <= Math.Max(_options.Size.Min, 1))
            {
                _rests = true;
                _scaling.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Stops: what waits is still done, but without pretended work.</summary>
    public async ValueTask DisposeAsync()
    {
        await _scaling.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
        lock (_gate)
        {
            _closed = true;
            while (_workers.Count > 0)
            {
                DrainOne();
            }
        }

        while (true)
        {
            var next = _room.Next;
            lock (_gate)
            {
                if (_draining.Count == 0)
                {
                    break;
                }
            }

            await next.ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private bool TrySend(TWork work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_waiting >= _options.MaxWaiting)
            {
                return false;
            }

            if (_rests)
            {
                _rests = false;
                _scaling.Change(_options.ScaleEvery, _options.ScaleEvery);
            }

            // Never to more workers than there are: the same batch twice at one worker wins nothing.
            var copies = Math.Min(_options.Speculation, _workers.Count);
            var ticket = copies > 1 ? new SpeculationTicket(copies) : null;
            var count = _handler.Count(work);
            _waiting += copies;
            if (ticket is null)
            {
                Route(new PoolEntry<TWork>(work, count, null));
                return true;
            }

            foreach (var worker in LeastLoaded(copies))
            {
                worker.Enqueue(new PoolEntry<TWork>(work, count, ticket));
            }

            return true;
        }
    }

    private async ValueTask WaitAndSendAsync(TWork work, CancellationToken cancellationToken)
    {
        while (true)
        {
            var room = _room.Next;
            if (TrySend(work))
            {
                return;
            }

            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Route(PoolEntry<TWork> entry)
    {
        if (_loads.Length < _workers.Count)
        {
            _loads = new int[2 * _workers.Count];
        }

        for (var i = 0; i < _workers.Count; i++)
        {
            _loads[i] = _workers[i].Load;
        }

        _workers[_routing.Pick(_loads.AsSpan(0, _workers.Count))].Enqueue(entry);
    }

    private PoolWorker<TWork>[] LeastLoaded(int count) => [.. _workers.OrderBy(w => w.Load).Take(count)];

    private void Hire()
    {
        var worker = new PoolWorker<TWork>(++_lastNumber, _handler, _options, _time, Done, _stop.Token);
        _workers.Add(worker);
        _ = SuperviseAsync(worker);
    }

    /// <summary>The one with the least to do finishes that and goes.</summary>
    private void DrainOne()
    {
        var leaving = _workers.MinBy(w => w.Load)!;
        _workers.Remove(leaving);
        _draining.Add(leaving);
        leaving.Drain();
    }

    private async Task SuperviseAsync(PoolWorker<TWork> worker)
    {
        // The constructor holds the gate while it hires.
        await Task.Yield();
        try
        {
            await worker.RunAsync().ConfigureAwait(false);
            lock (_gate)
            {
                _draining.Remove(worker);
            }
        }
        catch (Exception reason)
        {
            Replace(worker);
            _handler.Crashed(worker.Number, reason);
        }

        _room.Set();
    }

    private void Replace(PoolWorker<TWork> worker)
    {
        var current = worker.Current;
        var finished = current is not null && current.Next == current.Count;
        if (finished)
        {
            _handler.Finish(current!.Work);
        }

        lock (_gate)
        {
            _crashes++;
            if (_workers.Remove(worker) || _workers.Count == 0)
            {
                Hire();
            }

            _draining.Remove(worker);
            if (finished)
            {
                Settle(current!);
            }
            else if (current is not null)
            {
                Route(current);
            }

            while (worker.TryTakeLeft(out var left))
            {
                Route(left!);
            }
        }
    }

    private void Done(PoolWorker<TWork> worker, PoolEntry<TWork> entry, TimeSpan elapsed)
    {
        lock (_gate)
        {
            worker.Load--;
            _workTimes.Add(elapsed / Math.Max(1, entry.Count));
            Settle(entry);
        }

        _handler.Worked(entry.Count, elapsed);
        _room.Set();
    }

    private void Settle(PoolEntry<TWork> entry)
    {
        _waiting--;
        _processed += entry.Next;
        _givenUp += entry.GivenUp;
        entry.Ticket?.Release();
    }
}

/// <summary>Figures of a pool.</summary>
/// <param name="Workers">Workers that take work.</param>
/// <param name="Draining">Workers that finish what they have and go.</param>
/// <param name="Busy">Workers that have something to do.</param>
/// <param name="Waiting">Batches that wait or are being worked on.</param>
/// <param name="Processed">Items done since the beginning.</param>
/// <param name="Crashes">Workers that crashed since the beginning.</param>
/// <param name="GivenUp">Items that crashed their worker each time, and were left undone.</param>
/// <param name="P75">75 % of the items took at most so many milliseconds.</param>
/// <param name="P85">85 %.</param>
/// <param name="P95">95 %.</param>
public sealed record PoolStatus(
    int Workers, int Draining, int Busy, int Waiting, long Processed, long Crashes, long GivenUp, double P75, double P85, double P95);
