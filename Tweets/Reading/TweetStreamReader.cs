namespace Rookery.Tweets;

/// <summary>
/// Reads one stream: bytes of the stream in blocks → events → records. The loop around it:
/// <code>
/// var block = pool.Rent();
/// while ((n = await stream.ReadAsync(block.Free)) > 0)
/// {
///     block.Advance(n);
///     if (reader.Read(block) == 0) { continue; }     // no whole event yet: the same block takes more bytes
///     var next = reader.Detach(block, pool);         // the unfinished rest moves to a new block
///     await channel.WriteAsync(block);
///     block = next;
/// }
/// reader.EndOfStream();
/// block.Release();
/// </code>
/// To read in bigger batches, fill the block with several reads before calling <see cref="Read"/>. One thread at a time.
/// </summary>
public sealed class TweetStreamReader
{
    private readonly SequenceSource _sequences;
    private readonly SseParser _events;
    private readonly EventReader _reader = new();

    /// <summary>A reader that numbers its records from a source shared with other streams.</summary>
    /// <param name="sequences">Where ingest numbers come from.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public TweetStreamReader(SequenceSource sequences, ReaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        options ??= new ReaderOptions();
        options.Validate();
        _sequences = sequences;
        _events = new SseParser(options.MaxEventBytes);
    }

    /// <summary>What has been read so far.</summary>
    public ReaderCounters Counters => _reader.Counters with { TooLong = _events.TooLong };

    /// <summary>The last <c>id</c> the stream sent, to go on from there (<c>Last-Event-ID</c>); null where it sent none.</summary>
    public string? LastEventId => _events.LastEventId;

    /// <summary>The waiting time before a reconnect that the server asked for (<c>retry</c>); null where it did not.</summary>
    public TimeSpan? Retry => _events.Retry;

    /// <summary>Events rejected for one reason.</summary>
    public long RejectedFor(RejectReason reason) => _reader.RejectedFor(reason);

    /// <summary>Reads the whole events of a block that has no records yet.</summary>
    /// <returns>Number of records; with 0 the block can take more bytes, and has room for them.</returns>
    /// <exception cref="InvalidOperationException">The block has records.</exception>
    public int Read(TweetBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        if (block.Count > 0)
        {
            throw new InvalidOperationException("A block is read once: detach the rest of it before reading on.");
        }

        block.StartReading();
        while (_events.TryRead(block.Buffer.AsSpan(0, block.Filled), out var data))
        {
            _reader.Read(block, data);
        }

        if (block.Count == 0)
        {
            var done = _events.KeepFrom;
            block.MoveToFront(done);
            _events.Rebase(done);
            return 0;
        }

        block.FirstSequence = _sequences.Take(block.Count);
        return block.Count;
    }

    /// <summary>Moves the unfinished rest of a block that was read into a new one, which the next bytes go to.</summary>
    /// <param name="block">The block that was read.</param>
    /// <param name="pool">Where the new one comes from.</param>
    public TweetBlock Detach(TweetBlock block, TweetBlockPool pool)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(pool);
        var done = _events.KeepFrom;
        var next = pool.Rent(2 * (block.Filled - done));
        next.TakeRest(block, done);
        _events.Rebase(done);
        return next;
    }

    /// <summary>The connection ended: forgets the unfinished event, if any, and counts it. What the stream told about reconnecting stays.</summary>
    public void EndOfStream() => _reader.Counters.Unfinished += _events.End() ? 1 : 0;
}
