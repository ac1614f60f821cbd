using System.Diagnostics;
using System.Threading.Channels;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>One worker of a pool: a queue and a loop. A crash ends it; its supervisor does the rest.</summary>
internal sealed class PoolWorker<TWork>
{
    private readonly Channel<PoolEntry<TWork>> _queue =
        Channel.CreateUnbounded<PoolEntry<TWork>>(new UnboundedChannelOptions { SingleReader = true });

    private readonly IPoolHandler<TWork> _handler;
    private readonly ElasticPoolOptions _options;
    private readonly SimulatedWork? _simulated;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stop;
    private readonly Action<PoolWorker<TWork>, PoolEntry<TWork>, TimeSpan> _done;

    public PoolWorker(
        int number,
        IPoolHandler<TWork> handler,
        ElasticPoolOptions options,
        TimeProvider time,
        Action<PoolWorker<TWork>, PoolEntry<TWork>, TimeSpan> done,
        CancellationToken stop)
    {
        Number = number;
        _handler = handler;
        _options = options;
        _time = time;
        _done = done;
        _stop = stop;
        _simulated = options.SimulatedWork.Distribution == WorkDistribution.None
            ? null
            : new SimulatedWork(options.SimulatedWork, Environment.TickCount ^ (number * 7919));
    }

    /// <summary>Its name; a replacement gets a new one.</summary>
    public int Number { get; }

    /// <summary>Entries it has, the current one included. Guarded by the pool.</summary>
    public int Load { get; set; }

    /// <summary>What it works on now, or crashed with; null while it waits.</summary>
    public PoolEntry<TWork>? Current { get; private set; }

    public void Enqueue(PoolEntry<TWork> entry)
    {
        Load++;
        _queue.Writer.TryWrite(entry);
    }

    /// <summary>No more work comes; the loop ends once the queue is empty.</summary>
    public void Drain() => _queue.Writer.TryComplete();

    /// <summary>What a crashed worker leaves behind in its queue.</summary>
    public bool TryTakeLeft(out PoolEntry<TWork>? entry) => _queue.Reader.TryRead(out entry);

    /// <summary>Works until drained.</summary>
    /// <exception cref="Exception">Whatever the work threw: the worker crashed.</exception>
    public async Task RunAsync()
    {
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out var entry))
            {
                Current = entry;
                var start = Stopwatch.GetTimestamp();
                if (_simulated is null || await PretendAsync(entry, _simulated).ConfigureAwait(false))
                {
                    Work(entry);
                }

                Current = null;
                _done(this, entry, Stopwatch.GetElapsedTime(start));
            }
        }
    }

    /// <summary>Takes the time that real work would take.</summary>
    /// <returns>False where another worker was faster.</returns>
    private async Task<bool> PretendAsync(PoolEntry<TWork> entry, SimulatedWork simulated)
    {
        try
        {
            if (entry.Ticket is null)
            {
                await Task.Delay(simulated.Next(), _time, _stop).ConfigureAwait(false);
                return true;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(entry.Ticket.Taken, _stop);
            await Task.Delay(simulated.Next(), _time, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Work(PoolEntry<TWork> entry)
    {
        if (!entry.Claimed && entry.Ticket is { } ticket && !ticket.TryClaim())
        {
            return;
        }

        entry.Claimed = true;

        while (entry.Next < entry.Count)
        {
            var kill = _options.IgnoreKills ? -1 : _handler.FindKill(entry.Work, entry.Next);
            var end = kill < 0 ? entry.Count : kill;
            while (entry.Next < end)
            {
                Handle(entry, entry.OneByOne ? entry.Next + 1 : end);
            }

            if (kill >= 0)
            {
                entry.Next = kill + 1;
                throw new KillMessageException();
            }
        }

        _handler.Finish(entry.Work);
    }

    private void Handle(PoolEntry<TWork> entry, int end)
    {
        try
        {
            _handler.Handle(entry.Work, entry.Next, end - entry.Next, Number);
            entry.Next = end;
        }
        catch (Exception reason)
        {
            if (end - entry.Next == 1)
            {
                _handler.GiveUp(entry.Work, entry.Next, reason);
                entry.GivenUp++;
                entry.Next = end;
            }

            entry.OneByOne = true;
            throw;
        }
    }
}
