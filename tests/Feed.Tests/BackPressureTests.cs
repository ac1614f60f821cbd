using System.IO.Pipelines;

namespace Rookery.Feed.Tests;

public class BackPressureTests
{
    private static readonly FeedOptions Unlimited = new() { Seed = 5, Rate = FeedRate.Unlimited, PanicProbability = 0.01 };

    [Fact]
    public async Task Without_a_reader_no_more_is_written_than_the_pipe_holds()
    {
        using var counters = new FeedCounters();
        using var ending = new CancellationTokenSource();
        var bound = 2 * TweetWriter.BatchLength;
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: bound, resumeWriterThreshold: bound / 2, useSynchronizationContext: false));

        // Nothing here completes later: the call returns when the writer waits for the reader.
        var writing = Streams.Writer(Unlimited, counters, TimeProvider.System).WriteAsync(pipe.Writer, 1, ending.Token);

        Assert.False(writing.IsCompleted);
        Assert.True(pipe.Reader.TryRead(out var waiting));
        Assert.InRange(waiting.Buffer.Length, bound, bound + TweetWriter.BatchLength);

        // One byte read is not room enough to go on; all of it is.
        pipe.Reader.AdvanceTo(waiting.Buffer.GetPosition(1));
        Assert.True(pipe.Reader.TryRead(out var rest));
        Assert.Equal(waiting.Buffer.Length - 1, rest.Buffer.Length);
        pipe.Reader.AdvanceTo(rest.Buffer.End);
        var next = await pipe.Reader.ReadAsync().AsTask().WaitAsync(Streams.Deadline);
        Assert.True(next.Buffer.Length > 0);
        pipe.Reader.AdvanceTo(next.Buffer.Start, next.Buffer.End);

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(Streams.Deadline));
    }

    [Fact]
    public async Task The_stream_ends_when_its_reader_is_gone()
    {
        using var counters = new FeedCounters();
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();

        await Streams.Writer(Unlimited, counters, TimeProvider.System).WriteAsync(pipe.Writer, 1, default).WaitAsync(Streams.Deadline);
        await Streams.Writer(Unlimited with { Rate = FeedRate.Bursts }, counters, TimeProvider.System)
            .WriteAsync(pipe.Writer, 1, default).WaitAsync(Streams.Deadline);
    }

    [Fact]
    public async Task A_stream_poured_out_in_batches_says_the_same_as_one_sent_event_by_event()
    {
        var poured = await Streams.WholeConnection(Unlimited with { TweetsPerConnection = 400 }, new FrozenTime());
        var paced = await Streams.WholeConnection(Unlimited with { TweetsPerConnection = 400, Rate = FeedRate.Fixed(50_000) }, new FrozenTime());

        Assert.Equal(400, Streams.Events(poured).Count(data => data != "{\"message\": panic}"));
        Assert.Equal(paced, poured);
    }

    /// <summary>The time of day stands still; the stopwatch does not.</summary>
    private sealed class FrozenTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddDays(20_000);
    }
}
