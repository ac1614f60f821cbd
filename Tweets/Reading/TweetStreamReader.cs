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
/// </code>
/// To read in bigger batches, fill the block with several reads before calling <see cref="Read"/>. One thread at a time.
/// </summary>
public sealed class TweetStreamReader
{
    /// <summary>A reader that numbers its records from a source shared with other streams.</summary>
    /// <param name="sequences">Where ingest numbers come from.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    public TweetStreamReader(SequenceSource sequences, ReaderOptions? options = null) => throw new NotImplementedException();

    /// <summary>What has been read so far.</summary>
    public ReaderCounters Counters { get; }

    /// <summary>The last <c>id</c> the stream sent, to go on from there (<c>Last-Event-ID</c>); null where it sent none.</summary>
    public string? LastEventId { get; }

    /// <summary>The waiting time before a reconnect that the server asked for (<c>retry</c>); null where it did not.</summary>
    public TimeSpan? Retry { get; }

    /// <summary>Reads the whole events of a block that has no records yet.</summary>
    /// <returns>Number of records; with 0 the block can take more bytes, and has room for them.</returns>
    public int Read(TweetBlock block) => throw new NotImplementedException();

    /// <summary>Moves the unfinished rest of a block that was read into a new one, which the next bytes go to.</summary>
    public TweetBlock Detach(TweetBlock block, TweetBlockPool pool) => throw new NotImplementedException();

    /// <summary>The connection ended: forgets the unfinished event, if any, and counts it. What the stream told about reconnecting stays.</summary>
    public void EndOfStream() => throw new NotImplementedException();
}
