using Rookery.Tweets;

namespace Rookery.Local.Tests;

public sealed class SimulatedWorkTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    // The pool's own timer never fires: every timer that is due soon is a worker's.
    private static readonly ElasticPoolOptions Uniform = new()
    {
        SimulatedWork = new SimulatedWorkOptions { Distribution = WorkDistribution.Uniform },
        ScaleEvery = TimeSpan.FromDays(1),
    };

    private readonly TestHandler _handler = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Pretended_work_takes_its_time()
    {
        await using var pool = new ElasticPool<int[]>(_handler, Uniform, _time);
        await pool.SendAsync([1], CancellationToken.None);
        await TimerIsSet();
        _time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.Empty(_handler.Done);
        _time.Advance(TimeSpan.FromMilliseconds(451));
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.Equal([1], _handler.Items);
    }

    [Fact]
    public async Task Work_given_to_three_workers_is_done_once_and_the_losers_are_cancelled()
    {
        var options = Uniform with { Speculation = 3, Size = new PoolScalerOptions { Min = 3, Max = 3 } };
        await using var pool = new ElasticPool<int[]>(_handler, options, _time);
        for (var i = 0; i < 30; i++)
        {
            await pool.SendAsync([i], CancellationToken.None);
        }

        Assert.Equal(90, pool.Status.Waiting);
        var drained = pool.DrainAsync(CancellationToken.None);
        var passed = TimeSpan.Zero;
        var step = TimeSpan.FromMilliseconds(5);
        using var deadline = new CancellationTokenSource(Deadline);
        while (!drained.IsCompleted)
        {
            if (_time.IsDueWithin(TimeSpan.FromMilliseconds(500)))
            {
                _time.Advance(step);
                passed += step;
            }

            await Task.Delay(1, deadline.Token);
            Assert.True(passed < TimeSpan.FromMinutes(1));
        }

        Assert.Equal(Enumerable.Range(0, 30), _handler.Items);
        Assert.Equal(30, _handler.Finished);
        // Three workers that did everything thrice would need 30 x 275 ms; the fastest of three needs about half of that.
        Assert.InRange(passed.TotalSeconds, 30 * 0.05, 30 * 0.25);
    }

    [Fact]
    public async Task A_kill_message_given_to_three_workers_crashes_one()
    {
        var options = new ElasticPoolOptions { Speculation = 3, Size = new PoolScalerOptions { Min = 3, Max = 3 } };
        await using var pool = new ElasticPool<int[]>(_handler, options, _time);
        await pool.SendAsync([TestHandler.Kill], CancellationToken.None);
        await pool.SendAsync([5], CancellationToken.None);
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.Equal(1, pool.Status.Crashes);
        Assert.Equal(2, _handler.Finished);
        Assert.Equal([5], _handler.Items);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_pretended_work()
    {
        var pool = new ElasticPool<int[]>(_handler, Uniform, _time);
        await pool.SendAsync([1], CancellationToken.None);
        await pool.SendAsync([2], CancellationToken.None);
        await pool.DisposeAsync().AsTask().WaitAsync(Deadline);
        Assert.Equal([1, 2], _handler.Items);
    }

    private async Task TimerIsSet()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!_time.IsDueWithin(TimeSpan.FromMilliseconds(500)))
        {
            await Task.Delay(1, deadline.Token);
        }
    }
}
