using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>
/// Advances the head of a log and removes what was released, in the background. The head goes first: what it does not name
/// any more becomes a tombstone, and that is deleted once it is older than <see cref="LogOptions.TombstoneTime"/>.
/// </summary>
internal sealed class LogCleaner(
    LogStore store, LogOptions options, TimeProvider time, SortedDictionary<long, LiveRecord> live, Func<long> next, Action<Exception> failed)
{
    private const int ReleasedAtOnce = 64;
    private const long BytesAtOnce = 8L << 20;
    private static readonly TimeSpan MarkEvery = TimeSpan.FromMinutes(1);

    private readonly List<(long Number, LiveRecord Record)> _released = [];
    private LogHead _head = new();
    private string? _headTag;
    private long _releasedBytes;
    private Task _work = Task.CompletedTask;
    private bool _stopped;

    /// <summary>Whether this activation has written the head.</summary>
    public bool HasHead => _headTag is not null;

    public long Epoch => _head.Epoch;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reads the head and writes it as one's own, so that the next change of an earlier activation fails.</summary>
    public async Task<LogHead> TakeOverAsync()
    {
        if (await store.ReadAsync(LogStore.Head) is { } found)
        {
            _head = LogHead.Read(found.Data);
            _head.Epoch++;
            _headTag = await store.WriteAsync(LogStore.Head, _head.ToBytes(), found.ETag);
        }

        return _head;
    }

    /// <summary>Makes the head of a new log, or makes sure that no other activation has changed it.</summary>
    public async Task AssertOwnerAsync()
    {
        if (_headTag is null)
        {
            _head.Epoch = 1;
            _head.Marks.Add((next(), Now));
            _headTag = await store.WriteAsync(LogStore.Head, _head.ToBytes(), eTag: null);
            return;
        }

        if (await store.ReadAsync(LogStore.Head) is not { } found || LogHead.Read(found.Data).Epoch != _head.Epoch)
        {
            throw new FencedException("the log was taken over by another activation");
        }
    }

    /// <summary>A record was appended.</summary>
    public void Appended()
    {
        if (next() - _head.From >= options.HeadEvery)
        {
            Begin();
        }
    }

    /// <summary>Nothing of a frame is needed any more.</summary>
    public void Released(long number, LiveRecord record)
    {
        _released.Add((number, record));
        _releasedBytes += record.Length;
        if (_released.Count >= ReleasedAtOnce || _releasedBytes >= BytesAtOnce)
        {
            Begin();
        }
    }

    public void Stop() => _stopped = true;

    /// <summary>Completes what is under way and does what is left.</summary>
    public async Task FinishAsync()
    {
        await _work;
        if (HasHead && (_released.Count > 0 || next() != _head.From))
        {
            Begin();
            await _work;
        }
    }

    private void Begin()
    {
        if (_work.IsCompleted && HasHead && !_stopped)
        {
            _work = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        // Not within the append or the release that asked for it.
        await Task.Yield();
        try
        {
            do
            {
                await CleanAsync();
            }
            while (!_stopped && (_released.Count >= ReleasedAtOnce || next() - _head.From >= options.HeadEvery));
        }
        catch (Exception exception) when (exception is JournalException or FencedException or InvalidDataException)
        {
            _stopped = true;
            failed(exception);
        }
    }

    private async Task CleanAsync()
    {
        var released = _released
            .SelectMany(one => NumbersOf(one.Number, one.Record).Select((number, i) => (Number: number, ETag: one.Record.ETag(i)))).ToArray();
        _released.Clear();
        _releasedBytes = 0;

        var oldHead = (_head.ClearedTo, Removing: _head.Removing.ToArray());
        var young = AdvanceMarks();
        _head.From = next();
        _head.Live.Clear();
        _head.Live.AddRange(live.SelectMany(one => NumbersOf(one.Key, one.Value)));
        _head.Removing.Clear();
        _head.Removing.AddRange(released.Select(one => one.Number).Where(number => number < _head.ClearedTo).Order());
        _headTag = await store.WriteAsync(LogStore.Head, _head.ToBytes(), _headTag);

        foreach (var few in released.Where(one => one.Number >= young).Chunk(options.RemoveBatch))
        {
            await Task.WhenAll(few.Select(one => store.WriteAsync(one.Number, [], one.ETag)));
        }

        await DeleteAsync(oldHead.Removing.Concat(_head.Removing));
        await DeleteAsync(Between(oldHead.ClearedTo, young));

        // The next head says so; to delete them once more would do nothing.
        _head.ClearedTo = Math.Max(_head.ClearedTo, young);
    }

    private static IEnumerable<long> NumbersOf(long first, LiveRecord record) => Enumerable.Range(0, record.Records).Select(i => first + i);

    private IEnumerable<long> Between(long from, long to)
    {
        for (var number = from; number < to; number++)
        {
            if (_head.Live.BinarySearch(number) < 0)
            {
                yield return number;
            }
        }
    }

    private async Task DeleteAsync(IEnumerable<long> numbers)
    {
        foreach (var few in numbers.Chunk(options.RemoveBatch))
        {
            if (_stopped)
            {
                return;
            }

            await Task.WhenAll(few.Select(store.DeleteAsync));
        }
    }

    /// <summary>Notes what is next now, and says below which number every record is older than a tombstone gets.</summary>
    private long AdvanceMarks()
    {
        var now = Now;
        var marks = _head.Marks;
        if (marks.Count > 0 && now - (marks.Count > 1 ? marks[^2].Time : marks[^1].Time) < MarkEvery.TotalMilliseconds)
        {
            marks.RemoveAt(marks.Count - 1);
        }

        marks.Add((next(), now));

        var old = marks.FindLastIndex(mark => mark.Time <= now - options.TombstoneTime.TotalMilliseconds);
        if (old < 0)
        {
            return 1;
        }

        marks.RemoveRange(0, old);
        return marks[0].Number;
    }
}
