namespace Rookery.Feed;

/// <summary>What was written into a buffer.</summary>
internal readonly record struct Written(int Bytes, int Tweets, int Panics);

/// <summary>A connection's place in its stream.</summary>
internal sealed class StreamCursor(TweetSequence sequence)
{
    private readonly Lock _gate = new();

    /// <summary>How many tweets the stream had when it got here.</summary>
    public long Tweets => sequence.Tweets;

    /// <summary>Writes as many events as surely fit, but none after the stream's tweet number <paramref name="until"/>.</summary>
    public Written Fill(Span<byte> buffer, long until, TimeProvider time)
    {
        lock (_gate)
        {
            var (tweets, panics) = (sequence.Tweets, sequence.Panics);
            var writer = new FilledWriter(buffer);
            while (sequence.Tweets < until && sequence.TryWrite(ref writer, buffer.Length - writer.Length, Now(time)))
            {
            }

            return new Written(writer.Length, (int)(sequence.Tweets - tweets), (int)(sequence.Panics - panics));
        }
    }

    /// <summary>Writes one event into a buffer that grows to its size.</summary>
    public Written FillOne(ref byte[] buffer, TimeProvider time)
    {
        lock (_gate)
        {
            var (tweets, panics) = (sequence.Tweets, sequence.Panics);
            var needed = sequence.NextMaxLength();
            if (buffer.Length < needed)
            {
                buffer = new byte[needed * 2];
            }

            var writer = new FilledWriter(buffer);
            sequence.TryWrite(ref writer, buffer.Length, Now(time));
            return new Written(writer.Length, (int)(sequence.Tweets - tweets), (int)(sequence.Panics - panics));
        }
    }

    /// <summary>A copy of the sequence as it stands here; the connection may go on meanwhile.</summary>
    public TweetSequence Snapshot()
    {
        lock (_gate)
        {
            return sequence.Copy();
        }
    }

    /// <summary>The time of sending in the unit of the frame, 100 µs.</summary>
    private static long Now(TimeProvider time)
    {
        return (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / (TimeSpan.TicksPerMillisecond / 10);
    }
}
