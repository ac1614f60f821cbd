using Rookery.Tweets;

namespace Rookery.Local.Tests;

public sealed class ElasticPoolTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TestHandler _handler = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Kill_messages_under_load_crash_workers_and_lose_nothing()
    {
        await using var pool = new ElasticPool<int[]>(_handler, new ElasticPoolOptions { MaxWaiting = 64 }, TimeProvider.System);
        const int Batches = 1000;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(producer => Task.Run(async () =>
        {
            for (var batch = producer; batch < Batches; batch += 4)
            {
                // The place of the kill message wanders from the first to the last; every fifth batch has two.
                var items = Enumerable.Range(batch * 10, 10).ToList();
                items.Insert(batch % 11, TestHandler.Kill);
                if (batch % 5 == 0)
                {
                    items.Insert(batch % 7, TestHandler.Kill);
                }

                await pool.SendAsync([.. items], CancellationToken.None);
            }
        })));
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, Batches * 10), _handler.Items);
        Assert.Equal(Batches, _handler.Finished);
        Assert.Equal(Batches + (Batches / 5), pool.Status.Crashes);
        Assert.Equal(Batches + (Batches / 5) + (Batches * 10), pool.Status.Processed);
        Assert.Equal(0, pool.Status.Waiting);
    }

    [Fact]
    public async Task The_worker_that_drew_a_kill_message_is_another_one_afterwards()
    {
        await using var pool = new ElasticPool<int[]>(_handler, new ElasticPoolOptions(), _time);
        await pool.SendAsync([1, TestHandler.Kill, 2], CancellationToken.None);
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.Equal([(1, 1), (2, 2)], _handler.Done);
        Assert.Equal(1, pool.Status.Workers);
    }

    [Fact]
    public async Task Kill_messages_can_be_ignored()
    {
        await using var pool = new ElasticPool<int[]>(_handler, new ElasticPoolOptions { IgnoreKills = true }, _time);
        await pool.SendAsync([1, TestHandler.Kill, 2], CancellationToken.None);
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.Equal([-1, 1, 2], _handler.Items);
        Assert.Equal(0, pool.Status.Crashes);
    }

    [Fact]
    public async Task An_item_that_crashes_every_worker_is_given_up_alone()
    {
        await using var pool = new ElasticPool<int[]>(_handler, new ElasticPoolOptions(), _time);
        await pool.SendAsync([1, 2, TestHandler.Poison, 3], CancellationToken.None);
        await pool.SendAsync([4], CancellationToken.None);
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.Equal([1, 2, 3, 4], _handler.Items);
        Assert.Equal([TestHandler.Poison], _handler.GivenUp);
        Assert.Equal(1, pool.Status.GivenUp);
        Assert.Equal(2, pool.Status.Crashes);
        Assert.Equal(2, _handler.Finished);
    }

    [Fact]
    public async Task A_pool_grows_with_waiting_work_and_shrinks_when_idle_and_loses_nothing()
    {
        var options = new ElasticPoolOptions { Size = new PoolScalerOptions { Min = 2, Max = 8 }, MaxWaiting = 1000 };
        await using var pool = new ElasticPool<int[]>(_handler, options, _time);
        _handler.Gate.Reset();
        for (var i = 0; i < 200; i++)
        {
            await pool.SendAsync([i], CancellationToken.None);
        }

        Assert.Equal(2, pool.Status.Workers);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal(8, pool.Status.Workers);
        _handler.Gate.Set();
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(6));
        }

        Assert.Equal(2, pool.Status.Workers);
        await WaitUntil(() => pool.Status.Draining == 0);
        Assert.Equal(Enumerable.Range(0, 200), _handler.Items);
    }

    [Fact]
    public async Task A_worker_that_has_to_go_does_what_it_has_first()
    {
        var options = new ElasticPoolOptions
        {
            Size = new PoolScalerOptions { Min = 1, Max = 4, High = 40, Low = 10 },
            Routing = RoutingRule.RoundRobin,
        };
        await using var pool = new ElasticPool<int[]>(_handler, options, _time);
        _handler.Gate.Reset();
        await SendMany(pool, 200);
        _time.Advance(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(4, pool.Status.Workers);
        _handler.Gate.Set();
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        _handler.Gate.Reset();
        await SendMany(pool, 8);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, pool.Status.Draining);
        Assert.Equal(8, pool.Status.Waiting);
        _handler.Gate.Set();
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        await WaitUntil(() => pool.Status.Draining == 0);
        Assert.Equal(208, _handler.Done.Count);
    }

    [Fact]
    public async Task A_worker_that_crashes_hands_its_queue_to_others()
    {
        await using var pool = new ElasticPool<int[]>(_handler, new ElasticPoolOptions(), _time);
        _handler.Gate.Reset();
        await pool.SendAsync([0, TestHandler.Kill], CancellationToken.None);
        await SendMany(pool, 50, first: 1);
        _handler.Gate.Set();
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 51), _handler.Items);
        Assert.All(_handler.Done.Where(d => d.Item > 0), d => Assert.NotEqual(1, d.Worker));
    }

    [Fact]
    public async Task Senders_wait_while_too_much_waits_and_may_give_up()
    {
        await using var pool = new ElasticPool<int[]>(_handler, new ElasticPoolOptions { MaxWaiting = 2 }, _time);
        _handler.Gate.Reset();
        await SendMany(pool, 2);
        using var cancel = new CancellationTokenSource();
        var given = pool.SendAsync([7], cancel.Token).AsTask();
        var waiting = pool.SendAsync([2], CancellationToken.None).AsTask();
        Assert.False(given.IsCompleted || waiting.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        _handler.Gate.Set();
        await waiting.WaitAsync(Deadline);
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.Equal([0, 1, 2], _handler.Items);
    }

    [Theory]
    [InlineData(RoutingRule.LeastConnected)]
    [InlineData(RoutingRule.RoundRobin)]
    public async Task Work_is_spread_over_all_workers(RoutingRule rule)
    {
        var options = new ElasticPoolOptions { Size = new PoolScalerOptions { Min = 4, Max = 4 }, Routing = rule };
        await using var pool = new ElasticPool<int[]>(_handler, options, _time);
        _handler.Gate.Reset();
        await SendMany(pool, 40);
        _handler.Gate.Set();
        await pool.DrainAsync(CancellationToken.None).WaitAsync(Deadline);
        Assert.All(_handler.Done.GroupBy(d => d.Worker), g => Assert.Equal(10, g.Count()));
    }

    [Fact]
    public async Task Disposing_does_what_waits()
    {
        var pool = new ElasticPool<int[]>(_handler, new ElasticPoolOptions(), _time);
        await SendMany(pool, 20);
        await pool.DisposeAsync();
        Assert.Equal(20, _handler.Done.Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.SendAsync([1], CancellationToken.None).AsTask());
    }

    private static async Task SendMany(ElasticPool<int[]> pool, int count, int first = 0)
    {
        for (var i = first; i < first + count; i++)
        {
            await pool.SendAsync([i], CancellationToken.None);
        }
    }

    private static async Task WaitUntil(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            await Task.Delay(1, deadline.Token);
        }
    }
}
