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
