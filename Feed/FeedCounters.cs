using System.Diagnostics.Metrics;

namespace Rookery.Feed;

/// <summary>What a server counts: once for its own properties, once for whoever listens to the meter <c>Rookery.Feed</c>.</summary>
internal sealed class FeedCounters : IDisposable
{
    private readonly Meter _meter = new("Rookery.Feed");
    private readonly Counter<long> _tweetsSent;
    private readonly Counter<long> _panicsSent;
    private readonly Counter<long> _bytesSent;
    private readonly UpDownCounter<long> _readersOpen;
    private readonly Counter<long> _readersRefused;
    private long _tweets;
    private long _panics;
    private int _readers;

    public FeedCounters()
    {
        _tweetsSent = _meter.CreateCounter<long>("rookery.feed.tweets", "{tweet}", "Tweets handed to sockets.");
        _panicsSent = _meter.CreateCounter<long>("rookery.feed.panics", "{message}", "Kill messages handed to sockets.");
        _bytesSent = _meter.CreateCounter<long>("rookery.feed.bytes", "By", "Bytes of events handed to sockets.");
        _readersOpen = _meter.CreateUpDownCounter<long>("rookery.feed.readers", "{connection}", "Connections reading a stream.");
        _readersRefused = _meter.CreateCounter<long>("rookery.feed.refused", "{connection}", "Readers refused because there were too many.");
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

    /// <summary>Counts a reader in, unless there are as many as may be.</summary>
    public bool TryEnter(int mostReaders)
    {
        if (Interlocked.Increment(ref _readers) > mostReaders)
        {
            Interlocked.Decrement(ref _readers);
            _readersRefused.Add(1);
            return false;
        }

        _readersOpen.Add(1);
        return true;
    }

    public void Leave()
    {
        Interlocked.Decrement(ref _readers);
        _readersOpen.Add(-1);
    }

    public void Dispose()
    {
        _meter.Dispose();
    }
}
