using System.Diagnostics.Metrics;

namespace Rookery.Feed;

/// <summary>What a server counts: once for its own properties, once for whoever listens to the meter <c>Rookery.Feed</c>.</summary>
internal sealed class FeedCounters : IDisposable
{
    private readonly Meter _meter = new("Rookery.Feed");
    private readonly Counter<long> _tweetsSent;
    private readonly Counter<long> _panicsSent;
    private readonly Counter<long> _bytesSent;
    private readonly UpDownCounter<long> _connections;
    private long _tweets;
    private long _panics;

    public FeedCounters()
    {
        _tweetsSent = _meter.CreateCounter<long>("rookery.feed.tweets", "{tweet}", "Tweets handed to sockets.");
        _panicsSent = _meter.CreateCounter<long>("rookery.feed.panics", "{message}", "Kill messages handed to sockets.");
        _bytesSent = _meter.CreateCounter<long>("rookery.feed.bytes", "By", "Bytes of events handed to sockets.");
        _connections = _meter.CreateUpDownCounter<long>("rookery.feed.connections", "{connection}", "Open streams.");
    }

    public long Tweets => Interlocked.Read(ref _tweets);

    public long Panics => Interlocked.Read(ref _panics);

    public void Sent(Written written)
    {
        Interlocked.Add(ref _tweets, written.Tweets);
        Interlocked.Add(ref _panics, written.Panics);
        _tweetsSent.Add(written.Tweets);
        _panicsSent.Add(written.Panics);
        _bytesSent.Add(written.Bytes);
    }

    public void ConnectionOpened()
    {
        _connections.Add(1);
    }

    public void ConnectionClosed()
    {
        _connections.Add(-1);
    }

    public void Dispose()
    {
        _meter.Dispose();
    }
}
