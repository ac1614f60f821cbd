namespace Rookery.Tweets;

/// <summary>
/// How many calls may be under way at a time, found out from how long they take, as in Vector's adaptive request concurrency: once
/// per window the mean time is compared with the moving average of those before. One more is let in where the limit was in use and calls
/// got no slower; a tenth fewer where they got slower by much, or were refused. That alone creeps upwards while everything waits for the
/// same processors, so beyond twice the least time that a piece of work ever took nobody more is let in, as Vegas does it. A limit that is
/// not used sinks, so that the number of workers behind it follows the load. Callers beyond it wait their turn, first come, first served.
/// For any number of threads.
/// </summary>
public sealed class ConcurrencyLimit
{
    // Vector's constants.
    private const double Weight = 0.4;
    private const double Deviations = 2.5;
    private const double Decrease = 0.9;

    // A deviation of a few percent is noise, however even the calls before were.
    private const double LeastDeviation = 0.05;

    // Means that differ by less are the same.
    private const double Same = 1.01;

    // The least time is forgotten slowly: work may get heavier.
    private const double Stretch = 2;
    private const double Forget = 1e-4;

    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource<bool>> _waiting = new();
    private readonly ConcurrencyLimitOptions _options;
    private readonly TimeProvider _time;
    private double _average;
    private double _variance;
    private double _least;
    private double _sum;
    private int _count;
    private long _pieces;
    private int _most;
    private bool _overloaded;
    private long _windowSince;
    private long _busyAt;
    private int _queued;

    /// <summary>A limit that has seen nothing yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public ConcurrencyLimit(ConcurrencyLimitOptions? options = null, TimeProvider? time = null)
    {
        _options = options ?? new ConcurrencyLimitOptions();
        _options.Validate();
        _time = time ?? TimeProvider.System;
        Limit = _options.Initial;
        _windowSince = _busyAt = _time.GetTimestamp();
    }

    /// <summary>Calls that may be under way at a time.</summary>
    public int Limit { get; private set; }

    /// <summary>Calls under way.</summary>
    public int InFlight { get; private set; }

    /// <summary>Callers waiting for their turn.</summary>
    public int Waiting => Volatile.Read(ref _queued);

    /// <summary>Callers refused because too many waited.</summary>
    public long Refused { get; private set; }

    /// <summary>Moving average of the time per call.</summary>
    public TimeSpan Average => TimeSpan.FromSeconds(_average);

    /// <summary>Waits for the caller's turn; follow with <see cref="Leave"/>.</summary>
    /// <returns>False where too many wait already.</returns>
    /// <exception cref="OperationCanceledException">Given up before the turn came.</exception>
    public async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource<bool> turn;
        lock (_gate)
        {
            if (InFlight < Limit)
            {
                Admit();
                return true;
            }

            _most = InFlight + 1;
            if (_queued >= _options.MaxWaiting)
            {
                Refused++;
                return false;
            }

            turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
            _queued++;
        }

        using var giveUp = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), turn);
        try
        {
            return await turn.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _queued--;
            }

            throw;
        }
    }

    /// <summary>A call ended.</summary>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="pieces">Pieces of work that were in it, 1 or more.</param>
    public void Leave(TimeSpan elapsed, CallEnd end, int pieces = 1)
    {
        lock (_gate)
        {
            InFlight--;
            if (end == CallEnd.Done)
            {
                _sum += elapsed.TotalSeconds;
                _count++;
                _pieces += pieces;
            }

            _overloaded |= end == CallEnd.Overloaded;
            var now = _time.GetTimestamp();
            if ((_count > 0 || _overloaded) && _time.GetElapsedTime(_windowSince, now) >= WindowLength)
            {
                Adjust(now);
            }

            // Those who gave up have left the count already.
            while (InFlight < Limit && _waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult(true))
                {
                    _queued--;
                    Admit();
                }
            }
        }
    }

    private TimeSpan WindowLength => _average > _options.Window.TotalSeconds ? TimeSpan.FromSeconds(_average) : _options.Window;

    private void Admit()
    {
        InFlight++;
        _most = Math.Max(_most, InFlight);
    }

    private void Adjust(long now)
    {
        var mean = _count > 0 ? _sum / _count : _average;
        var each = _pieces > 0 ? _sum / _pieces : _least;
        _least = _least == 0 ? each : Math.Min(each, _least + (Forget * (each - _least)));
        var slower = _average > 0 && mean >= _average + Math.Max(Deviations * Math.Sqrt(_variance), LeastDeviation * _average);
        if (2 * _most >= Limit)
        {
            _busyAt = now;
        }

        if (_overloaded || slower)
        {
            Lower();
        }
        else if (_most >= Limit && (_average == 0 || mean <= Same * _average) && each <= Stretch * _least)
        {
            Limit = Math.Min(_options.Max, Limit + 1);
        }
        else if (_time.GetElapsedTime(_busyAt, now) >= _options.IdleAfter)
        {
            Lower();
            _busyAt = now;
        }

        if (_count > 0)
        {
            var difference = mean - _average;
            _variance = _average == 0 ? 0 : (1 - Weight) * (_variance + (Weight * difference * difference));
            _average = _average == 0 ? mean : _average + (Weight * difference);
        }

        (_sum, _count, _pieces, _most, _overloaded, _windowSince) = (0, 0, 0, InFlight, false, now);
    }

    private void Lower() => Limit = Math.Max(_options.Min, (int)(Limit * Decrease));
}

/// <summary>How a call ended.</summary>
public enum CallEnd
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>It failed for a reason of its own; its time says nothing.</summary>
    Failed,

    /// <summary>Whoever was called had too much to do, or did not answer in time.</summary>
    Overloaded,
}
