namespace Rookery.Tweets.Tests;

public class PoolTests
{
    [Fact]
    public void A_pool_grows_at_once_with_much_work_and_by_twice_at_most()
    {
        var scaler = new PoolScaler();

        Assert.Equal(2, scaler.Target(1, 100, 0));
        Assert.Equal(2, scaler.Target(2, 100, 499));
        Assert.Equal(4, scaler.Target(2, 100, 500));
        Assert.Equal(16, scaler.Target(16, 100_000, 10_000));
    }

    [Fact]
    public void A_pool_shrinks_only_after_a_while_without_enough_work()
    {
        var scaler = new PoolScaler();

        Assert.Equal(8, scaler.Target(8, 1, 0));
        Assert.Equal(8, scaler.Target(8, 1, 4999));
        Assert.Equal(8, scaler.Target(8, 10, 5000));
        Assert.Equal(8, scaler.Target(8, 1, 5001));
        Assert.Equal(8, scaler.Target(8, 1, 10_000));
        Assert.Equal(6, scaler.Target(8, 1, 10_001));
        Assert.Equal(1, scaler.Target(1, 0, 100_000));
    }

    [Fact]
    public void A_pool_out_of_its_bounds_is_brought_back()
    {
        var scaler = new PoolScaler(new PoolScalerOptions { Min = 2, Max = 4 });

        Assert.Equal(2, scaler.Target(0, 0, 0));
        Assert.Equal(4, scaler.Target(9, 0, 0));
    }

    [Fact]
    public void A_steady_load_gives_a_steady_pool()
    {
        Property.Holds(random =>
        {
            var options = new PoolScalerOptions { Max = 64 };
            var scaler = new PoolScaler(options);
            var workers = random.Next(1, 65);
            var waiting = random.Next(0, 400);
            var changes = new List<int>();
            for (var now = 0; now < 300_000; now += 100)
            {
                var target = scaler.Target(workers, waiting, now);
                if (target != workers)
                {
                    changes.Add(target - workers);
                }

                workers = target;
            }

            Assert.True(changes.TrueForAll(change => change > 0) || changes.TrueForAll(change => change < 0));
            Assert.True(workers == 64 || (double)waiting / workers <= options.High);
            Assert.True(workers == 1 || (double)waiting / workers >= options.Low);
        });
    }

    // Each worker finishes 10 pieces a second; what waits is what came and was not finished.
    [Theory]
    [InlineData(35)]
    [InlineData(95)]
    [InlineData(155)]
    public void A_queue_under_a_steady_stream_is_kept_short_without_going_up_and_down(int perSecond)
    {
        var scaler = new PoolScaler(new PoolScalerOptions { Max = 64 });
        var (workers, waiting, changes) = (1, 0.0, 0);
        for (var now = 0; now < 600_000; now += 100)
        {
            waiting = Math.Max(0.7 * workers * Math.Min(1, perSecond / (10.0 * workers)), waiting + (perSecond / 10.0) - workers);
            var target = scaler.Target(workers, (long)waiting, now);
            changes += now >= 60_000 && target != workers ? 1 : 0;
            workers = target;
        }

        Assert.InRange(workers, perSecond / 10, 64);
        Assert.True(waiting / workers <= 4);
        Assert.True(changes <= 2, $"{changes} changes in nine minutes.");
    }

    [Fact]
    public void Round_robin_takes_turns_and_passes_over_those_that_take_none()
    {
        var routing = new Routing(RoutingRule.RoundRobin);

        Assert.Equal([0, 2, 0, 2], Enumerable.Range(0, 4).Select(_ => routing.Pick([9, -1, 5])));
        Assert.Equal([1, 0, 1], Enumerable.Range(0, 3).Select(_ => routing.Pick([0, 0])));
        Assert.Equal(-1, routing.Pick([-1, -1]));
        Assert.Equal(-1, routing.Pick([]));
    }

    [Fact]
    public void Least_connected_takes_the_one_with_least_work_and_turns_among_equals()
    {
        var routing = new Routing(RoutingRule.LeastConnected);

        Assert.Equal(1, routing.Pick([3, 1, 2, -1]));
        Assert.Equal([2, 0, 1, 2], Enumerable.Range(0, 4).Select(_ => routing.Pick([4, 4, 4])));
        Assert.Equal(-1, routing.Pick([-1]));
    }

    [Fact]
    public void Normal_work_is_centred_and_stays_between_its_ends()
    {
        var times = Draw(new SimulatedWorkOptions { Distribution = WorkDistribution.Normal });

        Assert.All(times, time => Assert.InRange(time, 50, 500));
        Assert.InRange(times.Average(), 272, 278);
        Assert.InRange(Deviation(times), 72, 76);
        Assert.InRange(times.Count(time => Math.Abs(time - 275) < 75) / (double)times.Length, 0.67, 0.70);
    }

    [Fact]
    public void Uniform_work_is_spread_between_its_ends()
    {
        var times = Draw(new SimulatedWorkOptions { Distribution = WorkDistribution.Uniform });

        Assert.All(times, time => Assert.InRange(time, 50, 500));
        Assert.InRange(times.Average(), 272, 278);
        Assert.InRange(Deviation(times), 128, 132);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(16)]
    [InlineData(30)]
    [InlineData(100)]
    public void Poisson_work_has_a_variance_as_large_as_its_mean(double mean)
    {
        var times = Draw(new SimulatedWorkOptions { Distribution = WorkDistribution.Poisson, Mean = TimeSpan.FromMilliseconds(mean) });

        Assert.InRange(times.Average(), mean * 0.97, mean * 1.03);
        Assert.InRange(Math.Pow(Deviation(times), 2), mean * 0.95, mean * 1.05);
        Assert.Contains(times, time => time < mean);
    }

    [Fact]
    public void No_work_is_the_default_and_takes_no_time()
    {
        Assert.All(Draw(new SimulatedWorkOptions()), time => Assert.Equal(0, time));
    }

    [Fact]
    public void The_same_seed_gives_the_same_times()
    {
        var options = new SimulatedWorkOptions { Distribution = WorkDistribution.Normal };

        Assert.Equal(Draw(options), Draw(options));
    }

    [Fact]
    public void Options_out_of_bounds_are_named()
    {
        Action[] wrong =
        [
            new SimulatedWorkOptions { Distribution = (WorkDistribution)9 }.Validate, new SimulatedWorkOptions { Min = TimeSpan.FromSeconds(1) }.Validate,
            new SimulatedWorkOptions { Max = TimeSpan.FromHours(1) }.Validate, new SimulatedWorkOptions { Mean = TimeSpan.FromHours(1) }.Validate,
            new PoolScalerOptions { Min = 0 }.Validate, new PoolScalerOptions { Max = 0 }.Validate, new PoolScalerOptions { Low = 0 }.Validate,
            new PoolScalerOptions { High = 1 }.Validate, new PoolScalerOptions { GrowAfter = TimeSpan.MinValue }.Validate,
        ];

        Assert.All(wrong, validate => Assert.Matches("^\\w+ is .+; it must be", Assert.Throws<ArgumentOutOfRangeException>(validate).Message));
    }

    private static double[] Draw(SimulatedWorkOptions options)
    {
        var work = new SimulatedWork(options, 7);
        return [.. Enumerable.Range(0, 20_000).Select(_ => work.Next().TotalMilliseconds)];
    }

    private static double Deviation(double[] times)
    {
        var mean = times.Average();
        return Math.Sqrt(times.Average(time => (time - mean) * (time - mean)));
    }
}
