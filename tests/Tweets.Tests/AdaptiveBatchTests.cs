namespace Rookery.Tweets.Tests;

public class AdaptiveBatchTests
{
    private static readonly AdaptiveBatchOptions Options = new() { Initial = 100, Min = 10, Max = 5000, Target = TimeSpan.FromMilliseconds(100) };

    [Fact]
    public void It_grows_to_its_bound_while_full_writes_are_fast()
    {
        var batch = new AdaptiveBatch(Options);
        for (var i = 0; i < 10; i++)
        {
            var before = batch.Next.Count;
            batch.Observe(before, TimeSpan.FromMilliseconds(5));
            Assert.True(batch.Next.Count > before || before == 5000);
        }

        Assert.Equal(5000, batch.Next.Count);
    }

    [Fact]
    public void It_shrinks_to_its_bound_while_writes_are_slow()
    {
        var batch = new AdaptiveBatch(Options);
        for (var i = 0; i < 10; i++)
        {
            batch.Observe(batch.Next.Count, TimeSpan.FromSeconds(1));
        }

        Assert.Equal(10, batch.Next.Count);
    }

    [Fact]
    public void A_write_that_was_not_full_makes_nothing_grow()
    {
        var batch = new AdaptiveBatch(Options);
        batch.Observe(50, TimeSpan.FromMilliseconds(1));

        Assert.Equal(100, batch.Next.Count);
    }

    [Fact]
    public void A_failed_write_halves_it()
    {
        var batch = new AdaptiveBatch(Options);
        batch.ObserveFailure();

        Assert.Equal(50, batch.Next.Count);
    }

    [Theory]
    [InlineData(0.05, 2)]
    [InlineData(0.2, 10)]
    [InlineData(1.0, 0)]
    public void It_settles_where_a_write_takes_the_time_it_should(double perRecord, double perBatch)
    {
        var batch = new AdaptiveBatch(Options);
        var sum = 0.0;
        for (var i = 0; i < 400; i++)
        {
            var time = perBatch + (perRecord * batch.Next.Count);
            sum += i >= 200 ? time / 200 : 0;
            batch.Observe(batch.Next.Count, TimeSpan.FromMilliseconds(time));
        }

        Assert.InRange(sum, 70, 130);
    }

    [Fact]
    public void Its_bounds_of_bytes_and_age_stay()
    {
        Assert.Equal(new BatchLimits(128, 32 << 20, TimeSpan.FromMilliseconds(200)), new AdaptiveBatch().Next);
    }

    [Fact]
    public void Options_out_of_bounds_are_named()
    {
        AdaptiveBatchOptions[] wrong =
        [
            new() { Min = 0 }, new() { Max = 1 }, new() { Initial = 1 }, new() { MaxBytes = 1 }, new() { MaxAge = TimeSpan.Zero }, new() { Target = TimeSpan.Zero },
        ];

        Assert.All(wrong, options => Assert.Matches("^\\w+ is .+; it must be", Assert.Throws<ArgumentOutOfRangeException>(() => new AdaptiveBatch(options)).Message));
    }
}
