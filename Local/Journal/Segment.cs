using System.Numerics;

namespace Rookery.Local;

/// <summary>A segment file and the count of what lives in it, by topic. Safe for any thread.</summary>
internal sealed class Segment(int number)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicJournal, long> _aliveOf = [];
    private long _used = SegmentHeader.Size;
    private long _alive;
    private bool _sealed;

    public int Number => number;

    public string Name { get; } = SegmentName.Of(number);

    /// <summary>Bytes from the beginning of the file to the end of the last frame.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
            {
                return _used;
            }
        }
    }

    /// <summary>Bytes of frames that no topic released.</summary>
    public long Alive
    {
        get
        {
            lock (_gate)
            {
                return _alive;
            }
        }
    }

    /// <summary>When the topics were last asked to move what lives here; null: never.</summary>
    public long? AskedAt { get; set; }

    /// <summary>Counts a frame that was written or recovered.</summary>
    public void Add(TopicJournal topic, long offset, int bytes)
    {
        lock (_gate)
        {
            topic.FirstSegment = topic.FirstSegment == 0 ? number : topic.FirstSegment;
            _used = offset + bytes;
            _alive += bytes;
            _aliveOf[topic] = _aliveOf.GetValueOrDefault(topic) + bytes;
        }
    }

    /// <summary>Counts what a topic needs no more, never more than it has here.</summary>
    /// <returns>Whether this made a sealed segment empty, or sparse by the given measure, or sparser by half.</returns>
    public bool Release(TopicJournal topic, long bytes, double minimumAlive)
    {
        lock (_gate)
        {
            var before = _alive;
            var has = _aliveOf.GetValueOrDefault(topic);
            bytes = Math.Clamp(bytes, 0, has);
            _alive -= bytes;
            if (bytes == has)
            {
                _aliveOf.Remove(topic);
            }
            else
            {
                _aliveOf[topic] = has - bytes;
            }

            return _sealed && _alive < before && (_alive == 0 || Halvings(_alive, minimumAlive) > Halvings(before, minimumAlive));
        }
    }

    /// <summary>Nothing will be written here any more; from now on it may be given back.</summary>
    public void Seal()
    {
        lock (_gate)
        {
            _sealed = true;
        }
    }

    /// <summary>Whether nothing lives in a sealed segment.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _sealed && _alive == 0;
            }
        }
    }

    /// <summary>The part of a sealed segment that lives, where it is below the given one but not zero.</summary>
    public double? Sparseness(double minimumAlive)
    {
        lock (_gate)
        {
            return _sealed && _alive > 0 && IsSparse(_alive, minimumAlive) ? (double)_alive / _used : null;
        }
    }

    /// <summary>Bytes that would have to be alive, by the given measure, and are not; negative where more are. 0 until it is sealed.</summary>
    public double Overuse(double minimumAlive)
    {
        lock (_gate)
        {
            return _sealed ? (minimumAlive * _used) - _alive : 0;
        }
    }

    /// <summary>Topics that have something here.</summary>
    public TopicJournal[] Topics()
    {
        lock (_gate)
        {
            return [.. _aliveOf.Keys];
        }
    }

    private bool IsSparse(long alive, double minimumAlive) => alive < minimumAlive * _used;

    /// <summary>0 where it is not sparse, 1 from the measure on, 2 from half of that on, and so forth.</summary>
    private int Halvings(long alive, double minimumAlive) =>
        IsSparse(alive, minimumAlive) ? BitOperations.Log2((ulong)(minimumAlive * _used) / (ulong)alive) + 1 : 0;
}
