namespace Rookery.Feed.Tests;

public class PacingTests
{
    [Fact]
    public void A_burst_is_100_messages_with_the_same_pause_after_each()
    {
        var pacer = new BurstPacer(Randomness.For(1, Purpose.Pace));
        var before = Enumerable.Range(0, 10_001).Select(_ => pacer.NextPause()).ToArray();

        Assert.Equal(TimeSpan.Zero, before[0]);
        foreach (var burst in before.Skip(1).Chunk(BurstPacer.BurstLength))
        {
            Assert.Single(burst.Distinct());
        }
    }

    [Fact]
    public void Pauses_are_whole_milliseconds_from_0_to_55_most_of_them_none_and_5_in_the_mean()
    {
        var pacer = new BurstPacer(Randomness.For(2, Purpose.Pace));
        var pauses = Enumerable.Range(0, 500_001).Select(_ => pacer.NextPause().TotalMilliseconds).Skip(1)
            .Chunk(BurstPacer.BurstLength).Select(burst => burst[0]).ToArray();

        Assert.All(pauses, pause => Assert.True(pause is >= 0 and <= 55 && pause == Math.Truncate(pause)));
        Assert.InRange(pauses.Count(pause => pause == 0) / (double)pauses.Length, 0.54, 0.60);
        Assert.InRange(pauses.Average(), 4.5, 5.5);
        Assert.True(pauses.Max() > 50);
    }

    [Fact]
    public async Task A_stream_of_bursts_waits_as_its_pacer_says()
    {
        var time = new InstantTimeProvider();
        var options = new FeedOptions { Seed = 8, TweetsPerConnection = 1_500, PanicProbability = 0 };
        var pacer = new BurstPacer(Randomness.For(8, Purpose.Pace, 1));
        var expected = Enumerable.Range(0, 1_500).Select(_ => pacer.NextPause()).Where(pause => pause > TimeSpan.Zero).ToArray();

        var text = await Streams.WholeConnection(options, time);

        Assert.NotEmpty(expected);
        Assert.Equal(expected, time.Delays);
        Assert.Equal(1_500, Streams.Events(text).Length);
    }

    [Fact]
    public async Task A_fixed_rate_sends_as_many_each_second()
    {
        var time = new InstantTimeProvider();
        var start = time.GetUtcNow();
        var options = new FeedOptions { Seed = 8, TweetsPerConnection = 501, PanicProbability = 0, Rate = FeedRate.Fixed(100) };

        await Streams.WholeConnection(options, time);

        Assert.InRange((time.GetUtcNow() - start).TotalSeconds, 4.99, 5.01);
    }

    [Fact]
    public void What_a_short_stall_missed_is_made_up_for()
    {
        var time = new InstantTimeProvider();
        var pacer = new FixedPacer(10, time);
        pacer.NextPause();
        time.Advance(TimeSpan.FromSeconds(0.5));

        var pauses = Enumerable.Range(0, 6).Select(_ => pacer.NextPause()).ToArray();

        Assert.All(pauses[..5], pause => Assert.Equal(TimeSpan.Zero, pause));
        Assert.Equal(TimeSpan.FromSeconds(0.1), pauses[5]);
    }

    [Fact]
    public void What_a_long_stall_missed_is_not_made_up_for()
    {
        var time = new InstantTimeProvider();
        var pacer = new FixedPacer(10, time);
        pacer.NextPause();
        time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(TimeSpan.Zero, pacer.NextPause());
        Assert.Equal(TimeSpan.FromSeconds(0.1), pacer.NextPause());
    }
}
