namespace Rookery.Tweets;

/// <summary>
/// Reads whole events, one at a time, into a block: for sources that find the events of a stream themselves.
/// <code>
/// if (!reader.TryAdd(block, data))                   // full: this event goes into the next one
/// {
///     reader.Seal(block);
///     await channel.WriteAsync(block);
///     block = pool.Rent(data.Length);
///     reader.TryAdd(block, data);
/// }
/// </code>
/// One thread at a time.
/// </summary>
public sealed class TweetEventReader
{
    private readonly SequenceSource _sequences;
    private readonly ReaderOptions _options;
    private readonly EventReader _reader = new();

    /// <summary>A reader that numbers its records from a source shared with other streams.</summary>
    /// <param name="sequences">Where ingest numbers come from.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public TweetEventReader(SequenceSource sequences, ReaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        _sequences = sequences;
        _options = options ?? new ReaderOptions();
        _options.Validate();
    }

    /// <summary>What has been read so far.</summary>
    public ReaderCounters Counters => _reader.Counters;

    /// <summary>Events rejected for one reason.</summary>
    public long RejectedFor(RejectReason reason) => _reader.RejectedFor(reason);

    /// <summary>Adds the records of one event; none where it is rejected, or longer than allowed, which is counted.</summary>
    /// <param name="block">A block that takes whole events only.</param>
    /// <param name="data">The data of the event, UTF-8; copied.</param>
    /// <returns>False where the block has no room for it. A block without records takes an event of any size.</returns>
    public bool TryAdd(TweetBlock block, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(block);
        if (data.Length > _options.MaxEventBytes)
        {
            _reader.Counters.TooLong++;
            return true;
        }

        if (block.Count > 0 && block.Left < data.Length)
        {
            return false;
        }

        var mark = block.Mark();
        data.CopyTo(block.Reserve(data.Length));
        if (_reader.Read(block, block.Keep(data.Length)) != RejectReason.None)
        {
            block.Rewind(mark.Count, mark.Hashtags, mark.Used);
        }

        return true;
    }

    /// <summary>Numbers the records of a block, which takes no more events after that.</summary>
    public void Seal(TweetBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        block.FirstSequence = _sequences.Take(block.Count);
    }
}
