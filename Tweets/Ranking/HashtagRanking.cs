using System.Text;

namespace Rookery.Tweets;

/// <summary>
/// The most frequent hashtags of a sliding window, in bounded memory, each with the error its count may have. The window is made of
/// panes, each with a Misra–Gries summary of its own; the newest pane is the one that fills. Hashtags that differ in case only are the
/// same. For any number of threads.
/// </summary>
/// <remarks>
/// For a window with n occurrences the error is at most 2·n / <see cref="HashtagRankingOptions.Counters"/>, and 0 as long as
/// no pane saw more different hashtags than that.
/// </remarks>
public sealed class HashtagRanking
{
    /// <summary>Longest hashtag in bytes; a longer one is cut to nothing: it is counted in <see cref="TooLong"/> only.</summary>
    public const int MaxTagBytes = 512;

    private readonly Lock _lock = new();
    private readonly HashtagRankingOptions _options;
    private readonly long _pane;
    private readonly TagSketch[] _sketches;
    private readonly long[] _times;
    private readonly TagSketch _sum = new(int.MaxValue);

    /// <summary>A ranking that has seen nothing yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public HashtagRanking(HashtagRankingOptions? options = null)
    {
        _options = options ?? new HashtagRankingOptions();
        _options.Validate();
        _pane = (long)_options.Pane.TotalMilliseconds;
        var panes = (int)(_options.Window.TotalMilliseconds / _pane);
        _sketches = new TagSketch[panes];
        _times = new long[panes];
        for (var i = 0; i < panes; i++)
        {
            _sketches[i] = new TagSketch(_options.Counters);
            _times[i] = long.MinValue;
        }
    }

    /// <summary>Hashtags that were too long to count.</summary>
    public long TooLong { get; private set; }

    /// <summary>Counts one hashtag.</summary>
    /// <param name="tag">UTF-8, without the <c>#</c>.</param>
    /// <param name="now">The time, in milliseconds of any steady clock. What is older than the window is not counted.</param>
    public void Add(ReadOnlySpan<byte> tag, long now)
    {
        lock (_lock)
        {
            if (PaneOf(now / _pane) is { } sketch)
            {
                Count(sketch, tag);
            }
        }
    }

    /// <summary>Counts the hashtags of some records, those of retweeted and quoted tweets among them.</summary>
    /// <param name="part">The records.</param>
    /// <param name="now">The time, as above.</param>
    public void Add(in BlockPart part, long now)
    {
        lock (_lock)
        {
            if (PaneOf(now / _pane) is not { } sketch)
            {
                return;
            }

            foreach (ref readonly var record in part.Records)
            {
                foreach (var tag in part.Block.HashtagsOf(record))
                {
                    Count(sketch, part.Block.Utf8(tag));
                }
            }
        }
    }

    /// <summary>Adds what another ranking with the same panes and clock has counted.</summary>
    /// <exception cref="ArgumentException">Its panes are of another length.</exception>
    public void Merge(HashtagRanking other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._pane != _pane || ReferenceEquals(other, this))
        {
            throw new ArgumentException("Only another ranking with panes of the same length can be merged.", nameof(other));
        }

        // One lock at a time: two rankings that merge each other must not wait for each other.
        var copies = new List<(long Time, TagSketch Sketch)>();
        lock (other._lock)
        {
            for (var i = 0; i < other._sketches.Length; i++)
            {
                if (other._times[i] != long.MinValue)
                {
                    var copy = new TagSketch(other._options.Counters);
                    copy.Merge(other._sketches[i]);
                    copies.Add((other._times[i], copy));
                }
            }
        }

        lock (_lock)
        {
            foreach (var (time, sketch) in copies)
            {
                PaneOf(time)?.Merge(sketch);
            }
        }
    }

    /// <summary>The panes of the window that are full, and later than one that is known already.</summary>
    /// <param name="after">The last pane that is known; 0 for none.</param>
    /// <param name="now">The time, as above.</param>
    public IReadOnlyList<HashtagPane> PanesAfter(long after, long now)
    {
        var panes = new List<HashtagPane>();
        lock (_lock)
        {
            var last = (now / _pane) - 1;
            for (var time = Math.Max(after + 1, last - _sketches.Length + 2); time <= last; time++)
            {
                var sketch = _sketches[PlaceOf(time)];
                if (_times[PlaceOf(time)] == time && sketch.Total > 0)
                {
                    var tags = new List<(byte[], long)>(sketch.Entries.Length);
                    foreach (ref readonly var entry in sketch.Entries)
                    {
                        tags.Add((sketch.Display(entry).ToArray(), entry.Count));
                    }

                    panes.Add(new HashtagPane(time, sketch.Total, sketch.Error, tags));
                }
            }
        }

        return panes;
    }

    /// <summary>Adds what another ranking with panes of the same length, by the same clock, has counted in one of them.</summary>
    public void Merge(HashtagPane pane)
    {
        ArgumentNullException.ThrowIfNull(pane);
        Span<byte> folded = stackalloc byte[MaxTagBytes];
        lock (_lock)
        {
            if (PaneOf(pane.Time) is not { } sketch)
            {
                return;
            }

            var left = pane.Total;
            foreach (var (tag, count) in pane.Tags)
            {
                if (Fold(tag, folded, out var length))
                {
                    sketch.Add(folded[..length], tag, count);
                    left -= count;
                }
            }

            sketch.AddLost(left, pane.Error);
        }
    }

    /// <summary>The most frequent hashtags of the window that ends now, the most frequent first; equals in the order of their bytes.</summary>
    /// <param name="now">The time, as above.</param>
    public IReadOnlyList<HashtagCount> Top(long now)
    {
        lock (_lock)
        {
            _sum.Clear();
            var last = now / _pane;
            for (var i = 0; i < _sketches.Length; i++)
            {
                // From the newest on, so that the newest way of writing is the one that is kept.
                var time = last - i;
                var place = PlaceOf(time);
                if (_times[place] == time)
                {
                    _sum.Merge(_sketches[place]);
                }
            }

            return Best();
        }
    }

    private List<HashtagCount> Best()
    {
        var order = new PriorityQueue<int, (long Count, int Entry)>(Comparer<(long Count, int Entry)>.Create(Compare));
        for (var i = 0; i < _sum.Entries.Length; i++)
        {
            order.Enqueue(i, (_sum.Entries[i].Count, i));
            if (order.Count > _options.Top + 1)
            {
                order.Dequeue();
            }
        }

        // What is just below the list, or a hashtag that was thinned out everywhere, can be this frequent.
        var below = _sum.Error;
        if (order.Count > _options.Top)
        {
            below += _sum.Entries[order.Dequeue()].Count;
        }

        var top = new List<HashtagCount>(order.Count);
        while (order.TryDequeue(out var index, out _))
        {
            ref readonly var entry = ref _sum.Entries[index];
            top.Add(new HashtagCount(
                Encoding.UTF8.GetString(_sum.Display(entry)), entry.Count + _sum.Error, _sum.Error, entry.Count >= below));
        }

        top.Reverse();
        return top;
    }

    // Least first: fewer occurrences, then later in the order of bytes.
    private int Compare((long Count, int Entry) left, (long Count, int Entry) right) => left.Count != right.Count
        ? left.Count.CompareTo(right.Count)
        : _sum.Key(_sum.Entries[right.Entry]).SequenceCompareTo(_sum.Key(_sum.Entries[left.Entry]));

    private void Count(TagSketch sketch, ReadOnlySpan<byte> tag)
    {
        Span<byte> folded = stackalloc byte[MaxTagBytes];
        if (tag.Length > 0 && Fold(tag, folded, out var length))
        {
            sketch.Add(folded[..length], tag, 1);
        }
        else if (tag.Length > 0)
        {
            TooLong++;
        }
    }

    private static bool Fold(ReadOnlySpan<byte> tag, Span<byte> folded, out int length)
    {
        length = 0;
        if (tag.Length > MaxTagBytes)
        {
            return false;
        }

        while (!tag.IsEmpty)
        {
            Rune.DecodeFromUtf8(tag, out var rune, out var read);
            rune = Rune.ToLowerInvariant(rune);
            if (length + rune.Utf8SequenceLength > folded.Length)
            {
                return false;
            }

            length += rune.EncodeToUtf8(folded[length..]);
            tag = tag[read..];
        }

        return true;
    }

    private int PlaceOf(long time) => (int)(((time % _sketches.Length) + _sketches.Length) % _sketches.Length);

    private TagSketch? PaneOf(long time)
    {
        var place = PlaceOf(time);
        if (_times[place] > time)
        {
            return null;
        }

        if (_times[place] < time)
        {
            _sketches[place].Clear();
            _times[place] = time;
        }

        return _sketches[place];
    }
}

/// <summary>A hashtag and how often it occurred.</summary>
/// <param name="Tag">As it was written in the newest pane that has it, without the <c>#</c>.</param>
/// <param name="Count">Never below the true count.</param>
/// <param name="Error">By how much it may be too high, at most.</param>
/// <param name="Guaranteed">Whether it is certainly among the top: its count − error is no less than the count of any hashtag below the list.</param>
public readonly record struct HashtagCount(string Tag, long Count, long Error, bool Guaranteed);
