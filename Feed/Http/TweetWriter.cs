using System.IO.Pipelines;
using Microsoft.Extensions.Logging;

namespace Rookery.Feed;

/// <summary>Writes a stream to one connection at the chosen rate, and never further ahead of the socket than the pipe allows.</summary>
internal sealed class TweetWriter(FeedOptions options, LiveStream[] streams, FeedCounters counters, TimeProvider time, ILogger logger)
{
    /// <summary>The bytes of one flush when no rate is set: few enough to stay in the cache between writing and sending.</summary>
    public const int BatchLength = 256 * 1024;

    public async Task WriteAsync(PipeWriter pipe, int stream, CancellationToken ending)
    {
        var live = streams[stream - 1];
        var cursor = live.Open();
        counters.ConnectionOpened();
        FeedLog.StreamOpened(logger, stream);
        var sent = 0L;
        try
        {
            var most = options.TweetsPerConnection ?? long.MaxValue;
            if (options.Rate == FeedRate.Unlimited)
            {
                for (var left = most; left > 0 && !ending.IsCancellationRequested; left = most - sent)
                {
                    var (bytes, tweets, panics) = cursor.Fill(pipe.GetSpan(BatchLength), left, time);
                    pipe.Advance(bytes);
                    var flushed = await pipe.FlushAsync(ending);
                    counters.Sent(tweets, panics, bytes);
                    sent += tweets;
                    if (flushed.IsCompleted)
                    {
                        return;
                    }
                }
            }
            else
            {
                var pacer = Pacer(stream);
                var buffer = new byte[BatchLength / 8];
                while (sent < most)
                {
                    var pause = pacer.NextPause();
                    if (pause > TimeSpan.Zero)
                    {
                        await Task.Delay(pause, time, ending);
                    }

                    // A flush for each event makes it one chunk, which is what some readers take for granted.
                    var (bytes, tweets, panics) = cursor.FillOne(ref buffer, time);
                    var flushed = await pipe.WriteAsync(buffer.AsMemory(0, bytes), ending);
                    counters.Sent(tweets, panics, bytes);
                    sent += tweets;
                    if (flushed.IsCompleted)
                    {
                        return;
                    }
                }
            }
        }
        finally
        {
            live.Close(cursor);
            counters.ConnectionClosed();
            FeedLog.StreamClosed(logger, stream, sent);
        }
    }

    private IPacer Pacer(int stream)
    {
        return options.Rate == FeedRate.Bursts
            ? new BurstPacer(Randomness.For(options.Seed, Purpose.Pace, stream))
            : new FixedPacer(options.Rate.TweetsPerSecond, time);
    }
}
