namespace Rookery.Broker;

/// <summary>
/// Memory for frames that were written or read lately, shared by all topics of a host so that its bound holds for them
/// together. Safe for concurrent use. What was used since it was looked at last gets a second chance.
/// </summary>
public sealed class FrameCache
{
    private readonly Lock _lock = new();
    private CachedFrame? _oldest;
    private CachedFrame? _newest;
    private long _bytes;

    /// <summary>Creates a cache.</summary>
    /// <param name="maxBytes">Most bytes it keeps; 0 keeps nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is negative.</exception>
    public FrameCache(long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        MaxBytes = maxBytes;
    }

    /// <summary>Most bytes it keeps.</summary>
    public long MaxBytes { get; }

    /// <summary>Bytes it keeps now.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Lets all frames go; those that are asked for again are read back.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            while (_oldest is { } oldest)
            {
                Evict(oldest);
            }
        }
    }

    /// <summary>Keeps a frame, whose maker's hold becomes the cache's, and lets older ones go.</summary>
    internal void Add(CachedFrame frame)
    {
        lock (_lock)
        {
            Link(frame);
            _bytes += frame.Cost;
            while (_bytes > MaxBytes && _oldest is { } oldest)
            {
                if (oldest.Used && oldest != _newest)
                {
                    oldest.Used = false;
                    Unlink(oldest);
                    Link(oldest);
                }
                else
                {
                    Evict(oldest);
                }
            }
        }
    }

    /// <summary>Lets a frame go that nobody will ask for again.</summary>
    internal void Remove(CachedFrame frame)
    {
        lock (_lock)
        {
            if (frame.InCache)
            {
                Evict(frame);
            }
        }
    }

    private void Evict(CachedFrame frame)
    {
        Unlink(frame);
        _bytes -= frame.Cost;
        frame.LetGo();
    }

    private void Link(CachedFrame frame)
    {
        (frame.Older, frame.Newer, frame.InCache) = (_newest, null, true);
        if (_newest is null)
        {
            _oldest = frame;
        }
        else
        {
            _newest.Newer = frame;
        }

        _newest = frame;
    }

    private void Unlink(CachedFrame frame)
    {
        if (frame.Older is null)
        {
            _oldest = frame.Newer;
        }
        else
        {
            frame.Older.Newer = frame.Newer;
        }

        if (frame.Newer is null)
        {
            _newest = frame.Older;
        }
        else
        {
            frame.Newer.Older = frame.Older;
        }

        (frame.Older, frame.Newer, frame.InCache) = (null, null, false);
    }
}
