namespace Rookery.Feed;

/// <summary>
/// One numbered stream with all its connections. As with a live source, who connects begins where the stream has got to: at the place of the
/// connection that is furthest, so a reader that reconnects goes on after what it was sent.
/// </summary>
internal sealed class LiveStream(TweetSequence beginning)
{
    private readonly Lock _gate = new();
    private readonly List<StreamCursor> _open = [];
    private TweetSequence _lead = beginning;

    public StreamCursor Open()
    {
        lock (_gate)
        {
            foreach (var cursor in _open)
            {
                Follow(cursor);
            }

            var opened = new StreamCursor(_lead.Copy());
            _open.Add(opened);
            return opened;
        }
    }

    public void Close(StreamCursor cursor)
    {
        lock (_gate)
        {
            _open.Remove(cursor);
            Follow(cursor);
        }
    }

    private void Follow(StreamCursor cursor)
    {
        var place = cursor.Snapshot();
        if (place.Tweets + place.Panics > _lead.Tweets + _lead.Panics)
        {
            _lead = place;
        }
    }
}

/// <summary>A connection's place in its stream.</summary>
internal sealed class StreamCursor(TweetSequence sequence)
{
    private readonly Lock _gate = new();

    /// <summary>Writes as many events as surely fit, at most <paramref name="most"/> tweets; at least one if the buffer is long enough.</summary>
    /// <returns>The bytes, tweets and kill messages written.</returns>
    public (int Bytes, int Tweets, int Panics) Fill(Span<byte> buffer, long most, TimeProvider time)
    {
        lock (_gate)
        {
            var (tweets, panics) = (sequence.Tweets, sequence.Panics);
            var writer = new FilledWriter(buffer);
            while (sequence.Tweets - tweets < most
                && sequence.TryWrite(ref writer, buffer.Length - writer.Length, Now(time)))
            {
            }

            return (writer.Length, (int)(sequence.Tweets - tweets), (int)(sequence.Panics - panics));
        }
    }

    /// <summary>Writes one event into a buffer that grows to its size.</summary>
    public (int Bytes, int Tweets, int Panics) FillOne(ref byte[] buffer, TimeProvider time)
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
            return (writer.Length, (int)(sequence.Tweets - tweets), (int)(sequence.Panics - panics));
        }
    }

    public TweetSequence Snapshot()
    {
        lock (_gate)
        {
            return sequence.Copy();
        }
    }

    private static long Now(TimeProvider time)
    {
        return (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / (TimeSpan.TicksPerMillisecond / 10);
    }
}
