namespace Rookery.Tweets;

/// <summary>
/// Decides how much the store takes at once, from how long it took before: additive increase, multiplicative decrease on a moving
/// average of the time per write, as TCP and the adaptive concurrency limits of Vector and Netflix do it. Until the first slow
/// write it doubles (slow start). A write that was not full says nothing about a fuller one, so it makes nothing grow.
/// One thread at a time; <see cref="Next"/> may be read by any.
/// </summary>
public sealed class AdaptiveBatch
{
    // Weight of the last write in the average; Vector's default.
    private const double Weight = 0.4;
    private const double FailureFactor = 0.5;

    private readonly AdaptiveBatchOptions _options;
    private double _size;
    private double _average;
    private bool _started;

    /// <summary>A controller that has seen nothing yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public AdaptiveBatch(AdaptiveBatchOptions? options = null)
    {
        _options = options ?? new AdaptiveBatchOptions();
        _options.Validate();
        _size = _options.Initial;
    }

    /// <summary>How much to take next.</summary>
    public BatchLimits Next => new((int)Volatile.Read(ref _size), _options.MaxBytes, _options.MaxAge);

    /// <summary>The moving average of the time per write.</summary>
    public TimeSpan Average => TimeSpan.FromSeconds(_average);

    /// <summary>Learns from a write.</summary>
    /// <param name="count">Records written.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Observe(int count, TimeSpan elapsed)
    {
        var target = _options.Target.TotalSeconds;
        var seconds = Math.Max(0, elapsed.TotalSeconds);
        _average = _average == 0 ? seconds : (Weight * seconds) + ((1 - Weight) * _average);
        if (_average > target)
        {
            // By how much it was too slow, but never by more than half.
            Resize(_size * Math.Clamp(target / _average, 0.5, 0.95));
            _started = true;
        }
        else if (count >= 0.8 * _size)
        {
            Resize(_started ? _size + Math.Max(1, _options.Max / 64.0) : _size * 2);
        }
    }

    /// <summary>Learns from a write that failed: the next batch is half as big.</summary>
    public void ObserveFailure()
    {
        Resize(_size * FailureFactor);
        _started = true;
    }

    private void Resize(double size) => Volatile.Write(ref _size, Math.Clamp(size, _options.Min, _options.Max));
}

/// <summary>How much a batch may hold: whichever limit is reached first closes it.</summary>
/// <param name="Count">Records.</param>
/// <param name="Bytes">Bytes of JSON.</param>
/// <param name="Age">How long the first record may wait.</param>
public readonly record struct BatchLimits(int Count, long Bytes, TimeSpan Age);
