namespace Rookery.Tweets;

/// <summary>
/// Decides how many workers a pool should have, from the work that waits. Between the two marks nothing changes, growing and shrinking
/// each have a pause after them, and a pool never shrinks to a size at which it would grow again; so a steady load gives a
/// steady pool. Pure: the host asks at intervals and does as it is told.
/// </summary>
public sealed class PoolScaler
{
    private readonly PoolScalerOptions _options;
    private long _changedAt = long.MinValue / 2;
    private long _idleSince = -1;

    /// <summary>A scaler that has seen nothing yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public PoolScaler(PoolScalerOptions? options = null)
    {
        _options = options ?? new PoolScalerOptions();
        _options.Validate();
    }

    /// <summary>How many workers there should be now.</summary>
    /// <param name="workers">Workers there are, those that drain not counted.</param>
    /// <param name="waiting">Pieces of work that wait or are being worked on, of the whole pool.</param>
    /// <param name="now">The time, in milliseconds of any steady clock.</param>
    public int Target(int workers, long waiting, long now)
    {
        var bounded = Math.Clamp(workers, _options.Min, _options.Max);
        if (bounded != workers)
        {
            return Changed(bounded, now);
        }

        var perWorker = (double)waiting / workers;
        if (perWorker >= _options.Low)
        {
            _idleSince = -1;
        }
        else if (_idleSince < 0)
        {
            _idleSince = now;
        }

        if (perWorker > _options.High)
        {
            return now - _changedAt >= _options.GrowAfter.TotalMilliseconds ? Changed(Grown(workers, waiting), now) : workers;
        }

        if (_idleSince >= 0 && now - Math.Max(_idleSince, _changedAt) >= _options.ShrinkAfter.TotalMilliseconds)
        {
            var fewer = Math.Max(_options.Min, workers - Math.Max(1, workers / 4));
            return waiting < _options.High * fewer ? Changed(fewer, now) : workers;
        }

        return workers;
    }

    // As many as bring the load halfway between the marks, but at most twice as many: a burst may be over in a moment.
    private int Grown(int workers, long waiting)
    {
        var enough = Math.Ceiling(waiting / ((_options.High + _options.Low) / 2));
        return (int)Math.Clamp(enough, workers, Math.Min(_options.Max, 2L * workers));
    }

    private int Changed(int target, long now)
    {
        _changedAt = now;
        _idleSince = -1;
        return target;
    }
}
