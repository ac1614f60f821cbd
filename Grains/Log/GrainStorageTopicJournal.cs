using System.Buffers;
using System.Diagnostics.Metrics;
using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>
/// A topic's log in grain storage: one record per commit, under a key of its own; its number is its address. A commit too
/// large for one takes several (<see cref="LogPart"/>). A record is inserted, never overwritten, so that a second activation
/// is stopped by the first record it writes. Used on the scheduler of one grain.
/// </summary>
internal sealed class GrainStorageTopicJournal : ITopicJournal
{
    private static readonly Counter<long> DamagedCounter = ClusterMetrics.Meter.CreateCounter<long>("rookery.log.damaged_records");

    private static readonly Counter<long> ReadRetries = ClusterMetrics.Meter.CreateCounter<long>("rookery.log.read_retries");
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly TopicName _topic;
    private readonly LogStore _store;
    private readonly LogOptions _options;
    private readonly TimeProvider _time;
    private readonly LogCleaner _cleaner;
    private readonly LogAssembler _assembler = new();
    private readonly Action<long, long> _compact;
    private readonly Action<string> _damaged;
    private readonly SortedDictionary<long, LiveRecord> _live = [];
    private long _next = 1;
    private int _small;
    private int _smallAtCompaction;
    private Moment _touched;
    private volatile bool _stopped;

    /// <param name="topic">Whose log it is.</param>
    /// <param name="store">Its records.</param>
    /// <param name="options">How it is kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="compact">Asks the topic, later, to rewrite what lives in [from, to).</param>
    /// <param name="fenced">Called when the background work finds that it cannot go on.</param>
    /// <param name="damaged">Told of every record that cannot be read.</param>
    public GrainStorageTopicJournal(
        TopicName topic, LogStore store, LogOptions options, TimeProvider time, Action<long, long> compact, Action<Exception> fenced,
        Action<string> damaged)
    {
        (_topic, _store, _options, _time, _compact, _damaged) = (topic, store, options, time, compact, damaged);
        _cleaner = new LogCleaner(store, options, time, _live, () => _next, fenced);
        _touched = Moment.Now(time);
    }

    /// <summary>Whether nothing was ever stored of the topic.</summary>
    public bool IsNew => _next == 1 && !_cleaner.HasHead;

    /// <summary>How often the log was taken over.</summary>
    public long Epoch => _cleaner.Epoch;

    /// <summary>Records that recovery read.</summary>
    public int RecoveredRecords { get; private set; }

    /// <summary>Takes the log over from earlier activations and hands out every frame there is, in order.</summary>
    /// <exception cref="FencedException">Another activation is doing the same.</exception>
    /// <exception cref="JournalException">A record cannot be read.</exception>
    /// <exception cref="InvalidDataException">The head is damaged, or of a newer version.</exception>
    public async Task RecoverAsync(Action<long, ReadOnlyMemory<byte>> replay)
    {
        var head = await _cleaner.TakeOverAsync();
        foreach (var batch in head.Live.Chunk(_options.ReadBatch))
        {
            foreach (var (number, record) in batch.Zip(await ReadAllAsync(batch)))
            {
                if (record is { } found)
                {
                    Replay(number, found, replay);
                }
                else
                {
                    Damage($"record {_topic}/{number} is missing");
                }
            }
        }

        _next = head.From;
        for (var count = Math.Min(4, _options.ReadBatch); ; count = Math.Min(count * 4, _options.ReadBatch))
        {
            var numbers = Enumerable.Range(0, count).Select(i => _next + i).ToArray();
            foreach (var record in await ReadAllAsync(numbers))
            {
                if (record is not { } found)
                {
                    return;
                }

                Replay(_next++, found, replay);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> frame)
    {
        if (frame.Length > FrameHeader.MaxRecordBytes)
        {
            throw new JournalException($"a commit of topic {_topic} has {frame.Length} bytes; a frame takes {FrameHeader.MaxRecordBytes}");
        }

        // Whoever slept half the life of a tombstone could find its place empty again.
        if (!_cleaner.HasHead || _touched.Elapsed(_time) > _options.TombstoneTime / 2)
        {
            await _cleaner.AssertOwnerAsync();
        }

        // Until all of it is there, the next number stays: a head that is written meanwhile must not begin within it.
        var number = _next;
        var eTags = new List<string?>();
        foreach (var record in LogPart.Split(frame, number, _options.RecordBytes))
        {
            eTags.Add(await _store.WriteAsync(number + eTags.Count, record, eTag: null));
        }

        _touched = Moment.Now(_time);
        _next = number + eTags.Count;
        Add(number, new LiveRecord(frame.Length, [.. eTags]));
        _cleaner.Appended();
        CompactIfDue();
        return number;
    }

    /// <inheritdoc/>
    public async ValueTask<IMemoryOwner<byte>> ReadAsync(long address)
    {
        var frame = await ReadRecordAsync(address);
        if (LogPart.TryRead(frame, out var part))
        {
            var rest = Enumerable.Range(1, Math.Max(0, part.Count - 1)).Select(index => ReadRecordAsync(address + index));
            frame = LogAssembler.Join([frame, .. await Task.WhenAll(rest)]);
        }

        try
        {
            return new Records(Check(address, frame));
        }
        catch (InvalidDataException exception)
        {
            throw new JournalException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public void Release(long address, int bytes)
    {
        var record = _live[address];
        var wasSmall = IsSmall(record);
        record.Held -= bytes;
        if (record.Held > 0)
        {
            _small += !wasSmall && IsSmall(record) ? 1 : 0;
            return;
        }

        _live.Remove(address);
        _small -= wasSmall ? 1 : 0;
        _smallAtCompaction = Math.Min(_smallAtCompaction, _small);
        _cleaner.Released(address, record);
    }

    /// <summary>Makes sure that no other activation has taken the log over; for one that may have slept.</summary>
    /// <exception cref="FencedException">Another one has.</exception>
    /// <exception cref="JournalException">The head cannot be read.</exception>
    public Task AssertOwnerAsync() => _cleaner.HasHead ? _cleaner.AssertOwnerAsync() : Task.CompletedTask;

    /// <summary>Completes the background work there is; for a graceful end.</summary>
    public Task CleanAsync() => _cleaner.FinishAsync();

    /// <summary>Ends the background work: nothing is written any more.</summary>
    public void Stop()
    {
        _stopped = true;
        _cleaner.Stop();
    }

    /// <summary>
    /// Reads a record, as often as it takes: storage that does not answer has lost nothing, and what cannot be read would be passed over.
    /// </summary>
    private async Task<byte[]> ReadRecordAsync(long number)
    {
        for (var pause = FirstPause; ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                if (await _store.ReadAsync(number) is { } found)
                {
                    return found.Data;
                }

                break;
            }
            catch (JournalException) when (!_stopped)
            {
                ReadRetries.Add(1);
                await Task.Delay(pause, _time);
            }
        }

        throw new JournalException($"record {_topic}/{number} is missing");
    }

    private async Task<(byte[] Data, string? ETag)?[]> ReadAllAsync(IEnumerable<long> numbers) =>
        await Task.WhenAll(numbers.Select(_store.ReadAsync));

    private void Replay(long number, (byte[] Data, string? ETag) record, Action<long, ReadOnlyMemory<byte>> replay)
    {
        RecoveredRecords++;

        // A record released before a head could say so, or a piece without its end, is deleted with the others of its age.
        if (_assembler.Take(number, record) is not { } whole)
        {
            return;
        }

        // Where it is damaged it stays where it is, for whoever can repair it; the rest of the topic is served.
        var live = new LiveRecord(whole.Frame.Length, whole.ETags);
        ReadOnlyMemory<byte> records;
        try
        {
            records = Check(whole.Number, whole.Frame);
        }
        catch (InvalidDataException exception)
        {
            _live.Add(whole.Number, live);
            Damage(exception.Message);
            return;
        }

        Add(whole.Number, live);
        replay(whole.Number, records);
    }

    private void Damage(string what)
    {
        DamagedCounter.Add(1);
        _damaged(what);
    }

    private ReadOnlyMemory<byte> Check(long number, byte[] data) =>
        FrameHeader.TryRead(data, out var header) && header.Matches(data, out var topic) && topic == _topic && header.FrameBytes == data.Length
            ? header.RecordsOf(data)
            : throw new InvalidDataException($"record {_topic}/{number} is damaged: {data.Length} bytes that are no frame of the topic");

    private void Add(long number, LiveRecord record)
    {
        _live.Add(number, record);
        _small += IsSmall(record) ? 1 : 0;
    }

    // A big record of which little is left costs as much to read as a full one.
    private bool IsSmall(LiveRecord record) => record.Held < Math.Max(_options.SmallRecordBytes, record.Length / 4);

    /// <summary>Rewrites the small records there are when there are too many new ones; big ones between them stay.</summary>
    private void CompactIfDue()
    {
        if (_small - _smallAtCompaction < _options.MaxSmallRecords)
        {
            return;
        }

        _smallAtCompaction = _small;
        long? from = null;
        foreach (var (number, record) in _live)
        {
            if (IsSmall(record))
            {
                from ??= number;
            }
            else if (from is { } start)
            {
                _compact(start, number);
                from = null;
            }
        }

        if (from is { } last)
        {
            _compact(last, _next);
        }
    }

    private sealed class Records(ReadOnlyMemory<byte> records) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = System.Runtime.InteropServices.MemoryMarshal.AsMemory(records);

        public void Dispose()
        {
        }
    }
}
