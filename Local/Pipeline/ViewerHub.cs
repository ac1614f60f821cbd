using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Rookery.Tweets;
using Rookery.Wire;

namespace Rookery.Local;

/// <summary>
/// Shows the tweets to whoever watches. A viewer has a short queue; what does not fit, that viewer skips, and is told how many.
/// Without viewers it costs one look at a field per batch.
/// </summary>
internal sealed class ViewerHub : IViewerSource
{
    private readonly Lock _gate = new();
    private readonly int _queued;
    private Viewer[] _viewers = [];

    /// <summary>A hub without viewers.</summary>
    /// <param name="queued">Tweets that may wait for one viewer.</param>
    public ViewerHub(int queued = 256) => _queued = queued;

    /// <summary>Viewers there are.</summary>
    public int Count => Volatile.Read(ref _viewers).Length;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ViewedTweet> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var viewer = new Viewer(_queued);
        lock (_gate)
        {
            _viewers = [.. _viewers, viewer];
        }

        try
        {
            await foreach (var tweet in viewer.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return tweet;
            }
        }
        finally
        {
            lock (_gate)
            {
                _viewers = [.. _viewers.Where(v => v != viewer)];
            }
        }
    }

    /// <summary>Shows the top-level tweets among some records that have just been censored.</summary>
    public void Show(in BlockPart part, int worker)
    {
        var viewers = Volatile.Read(ref _viewers);
        if (viewers.Length == 0)
        {
            return;
        }

        foreach (ref readonly var record in part.Records)
        {
            if (record.Kind == RecordKind.Tweet)
            {
                var text = Encoding.UTF8.GetString(record.Censored ?? part.Block.Utf8(record.Text));
                foreach (var viewer in viewers)
                {
                    viewer.Offer(worker, text);
                }
            }
        }
    }

    private sealed class Viewer
    {
        private readonly Channel<ViewedTweet> _queue;
        private long _skipped;

        public Viewer(int queued) => _queue = Channel.CreateBounded<ViewedTweet>(new BoundedChannelOptions(queued) { SingleReader = true });

        public void Offer(int worker, string text)
        {
            var skipped = Interlocked.Exchange(ref _skipped, 0);
            if (!_queue.Writer.TryWrite(new ViewedTweet(worker, text, skipped)))
            {
                Interlocked.Add(ref _skipped, skipped + 1);
            }
        }

        public IAsyncEnumerable<ViewedTweet> ReadAsync(CancellationToken cancellationToken) => _queue.Reader.ReadAllAsync(cancellationToken);
    }
}
