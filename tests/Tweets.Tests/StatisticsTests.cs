namespace Rookery.Tweets.Tests;

public class StatisticsTests
{
    [Fact]
    public void A_percentile_is_within_its_error_of_a_time_that_was_added()
    {
        Property.Holds(random =>
        {
            var percentiles = new Percentiles();
            var other = new Percentiles();
            var times = Enumerable.Range(0, random.Next(1, 500)).Select(_ => Math.Round(Math.Pow(10, random.NextDouble() * 9), 0)).ToArray();
            foreach (var microseconds in times)
            {
                random.Pick(percentiles, other).Add(TimeSpan.FromMicroseconds(microseconds));
            }

            percentiles.Merge(other);
            Array.Sort(times);
            foreach (var percent in new[] { 0, 50, 75, 85, 95, 100 })
            {
                var exact = times[(int)Math.Ceiling(percent / 100.0 * (times.Length - 1))] / 1000;
                Assert.InRange(percentiles.At(percent), exact * 0.992, exact * 1.008);
            }
        });
    }

    [Fact]
    public void One_time_is_its_own_percentile_and_none_is_zero()
    {
        var percentiles = new Percentiles();
        Assert.Equal(0, percentiles.At(75));
        percentiles.Add(TimeSpan.FromMilliseconds(275.123));
        Assert.Equal(275.123, percentiles.At(75));
        percentiles.Clear();
        Assert.Equal((0, 0.0), (percentiles.Count, percentiles.At(95)));
    }

    [Fact]
    public void Times_out_of_range_are_taken_as_the_nearest_in_range()
    {
        var percentiles = new Percentiles();
        percentiles.Add(TimeSpan.FromSeconds(-1));
        Assert.Equal(0, percentiles.At(100));
        percentiles.Add(TimeSpan.MaxValue);
        Assert.InRange(percentiles.At(100), int.MaxValue / 1000.0 * 0.992, int.MaxValue / 1000.0);
        Assert.Throws<ArgumentOutOfRangeException>(() => percentiles.At(100.1));
    }

    [Fact]
    public void Samples_of_several_windows_give_what_one_window_would_have()
    {
        var (whole, parts, sum) = (new StatisticsWindow("#1"), new StatisticsWindow[] { new("a"), new("b") }, new StatisticsWindow("#1"));
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            foreach (var window in new[] { whole, parts[i % 2] })
            {
                window.Worked(TimeSpan.FromMilliseconds(i % 97));
                window.TweetsStored(i % 5, TimeSpan.FromMilliseconds(i % 13));
                window.UsersStored(1, TimeSpan.FromMilliseconds(3));
            }

            if (random.Next(300) == 0)
            {
                sum.Add(parts[i % 2].Take());
            }
        }

        foreach (var part in parts)
        {
            part.Crashed();
            whole.Crashed();
            sum.Add(part.Take());
            Assert.True(part.Take().IsEmpty);
        }

        Assert.Equal(whole.Close(), sum.Close());
        Assert.Throws<ArgumentOutOfRangeException>(() => new Percentiles().Add(1 << 20, 1, 0, 0));
    }

    [Fact]
    public void The_sentences_are_those_the_predecessors_published()
    {
        var window = new StatisticsWindow("#1");
        window.Worked(TimeSpan.FromMilliseconds(275));
        window.Crashed();
        window.Crashed();
        window.UsersStored(3, TimeSpan.FromMilliseconds(1.5));
        window.UsersStored(4, TimeSpan.FromMilliseconds(1.5));
        window.TweetsStored(12, TimeSpan.FromMilliseconds(20.126));

        var topics = window.Close();

        Assert.Equal(
            [
                new TopicStatistics("logger_stats", 275, 275, 275, 1, 0, 2, "[StatisticWorker #1 - LoggerWorker execution time] Percentile stats 75%=275.0 | 85%=275.0 | 95%=275.0 [2 CRASHES/5sec]"),
                new TopicStatistics("users_stats", 1.5, 1.5, 1.5, 2, 7, 0, "[StatisticWorker #1 - Bulk `users` insert stats] Execution time percentile 75%=1.5 | 85%=1.5 | 95%=1.5 [processed=7]"),
                new TopicStatistics("tweets_stats", 20.13, 20.13, 20.13, 1, 12, 0, "[StatisticWorker #1 - Bulk `tweets` insert stats] Execution time percentile 75%=20.13 | 85%=20.13 | 95%=20.13 [processed=12]"),
            ],
            topics);
    }

    [Fact]
    public void A_window_begins_empty_and_says_nothing_about_nothing()
    {
        var window = new StatisticsWindow("#1");
        window.Crashed();

        Assert.Equal(("logger_stats", 1, 0), (window.Close().Single() is var only ? only.Topic : "", only.Crashes, only.Samples));
        Assert.Empty(window.Close());
    }
}
