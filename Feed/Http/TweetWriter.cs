using System.IO.Pipelines;
using Microsoft.Extensions.Logging;

namespace Rookery.Feed;

/// <summary>Writes a stream to one connection at the chosen rate, and never further ahead of the socket than the pipe allows.</summary>
internal sealed class TweetWriter(FeedOptions options, LiveStream[] streams, FeedCounters counters, TimeProvider time, ILogger logger)
{
    /// <summary>The bytes of one flush when no rate is set: few enough to stay in the cache between writing and sending.</summary>
    public const int BatchLength = 256 * 1024;

    /// <summary>Writes until the stream ends, the reader is gone, or <paramref name="ending"/> is cancelled.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while waiting for the reader or the next message.</exception>
    public async Task WriteAsync(PipeWriter pipe, int stream, CancellationToken ending)
    {
        var live = streams[stream - 1];
        var cursor = live.Open();
        FeedLog.StreamOpened(logger, stream);
        var from = cursor.Tweets;
        try
        {
            var until = from + (options.TweetsPerConnection ?? long.MaxValue / 2);
            await (options.Rate == FeedRate.Unlimited
                ? PourAsync(pipe, cursor, until, ending)
                : PaceAsync(pipe, cursor, until, Pacer(stream), ending));
        }
        finally
        {
            live.Close(cursor);
            FeedLog.StreamClosed(logger, stream, cursor.Tweets - from);
        }
    }

    private async Task PourAsync(PipeWriter pipe, StreamCursor cursor, long until, CancellationToken ending)
    {
        var readerGone = false;
        while (cursor.Tweets < until && !readerGone && !ending.IsCancellationRequested)
        {
            var batch = cursor.Fill(pipe.GetSpan(BatchLength), until, time);
            pipe.Advance(batch.Bytes);
            readerGone = (await pipe.FlushAsync(ending)).IsCompleted;
            counters.Sent(batch);
        }
    }

    private async Task PaceAsync(PipeWriter pipe, StreamCursor cursor, long until, IPacer pacer, CancellationToken ending)
    {
        var buffer = new byte[BatchLength / 8];
        var readerGone = false;
        while (cursor.Tweets < until && !readerGone)
        {
            var pause = pacer.NextPause();
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, ending);
            }

            // A flush for each event makes it one chunk, which is what some readers take for granted.
            var message = cursor.FillOne(ref buffer, time);
            readerGone = (await pipe.WriteAsync(buffer.AsMemory(0, message.Bytes), ending)).IsCompleted;
            counters.Sent(message);
        }
    }

    private IPacer Pacer(int stream)
    {
        return options.Rate == FeedRate.Bursts
            ? new BurstPacer(Randomness.For(options.Seed, Purpose.Pace, stream))
            : new FixedPacer(options.Rate.TweetsPerSecond, time);
    }
}
