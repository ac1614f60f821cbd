using Rookery.Tests;

namespace Rookery.Tweets.Tests;

public class ConcurrencyLimitTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task It_grows_while_it_is_in_use_and_calls_get_no_slower()
    {
        var limit = new ConcurrencyLimit(new ConcurrencyLimitOptions { Max = 20 }, _time);
        await LoadAsync(limit, callers: 40, rounds: 60, _ => TimeSpan.FromMilliseconds(30));
        Assert.Equal(20, limit.Limit);
    }

    [Fact]
    public async Task It_does_not_grow_while_it_is_not_in_use()
    {
        var limit = new ConcurrencyLimit(new ConcurrencyLimitOptions { Initial = 8 }, _time);
        await LoadAsync(limit, callers: 6, rounds: 20, _ => TimeSpan.FromMilliseconds(30));
        Assert.Equal(8, limit.Limit);
    }

    [Fact]
    public async Task It_stays_near_what_the_workers_can_do_at_a_time()
    {
        // Four at a time take 30 ms each; more take turns.
        var limit = new ConcurrencyLimit(new ConcurrencyLimitOptions { Max = 200 }, _time);
        await LoadAsync(limit, callers: 200, rounds: 200, inFlight => TimeSpan.FromMilliseconds(30 * Math.Max(1, inFlight / 4.0)));
        Assert.InRange(limit.Limit, 4, 16);
    }

    [Fact]
    public async Task It_sinks_when_calls_get_slower_by_much_and_when_they_are_refused()
    {
        var limit = new ConcurrencyLimit(new ConcurrencyLimitOptions { Initial = 40, Max = 40 }, _time);
        await LoadAsync(limit, callers: 40, rounds: 10, _ => TimeSpan.FromMilliseconds(30));
        await LoadAsync(limit, callers: 40, rounds: 1, _ => TimeSpan.FromMilliseconds(300));
        Assert.Equal(36, limit.Limit);
        await LoadAsync(limit, callers: 36, rounds: 2, _ => TimeSpan.FromMilliseconds(300), CallEnd.Overloaded);
        Assert.InRange(limit.Limit, 20, 32);
    }

    [Fact]
    public async Task It_sinks_while_there_is_little_to_do()
    {
        var limit = new ConcurrencyLimit(new ConcurrencyLimitOptions { Initial = 40, Min = 3 }, _time);
        await LoadAsync(limit, callers: 1, rounds: 2000, _ => TimeSpan.FromMilliseconds(50));
        Assert.Equal(3, limit.Limit);
    }

    [Fact]
    public async Task A_call_that_failed_for_a_reason_of_its_own_says_nothing()
    {
        var limit = new ConcurrencyLimit(new ConcurrencyLimitOptions { Initial = 4 }, _time);
        await LoadAsync(limit, callers: 4, rounds: 20, _ => TimeSpan.FromSeconds(9), CallEnd.Failed);
        Assert.Equal((4, TimeSpan.Zero), (limit.Limit, limit.Average));
    }

    [Fact]
    public async Task Callers_beyond_it_wait_in_turn_and_too_many_are_refused()
    {
        var limit = new ConcurrencyLimit(new ConcurrencyLimitOptions { Initial = 1, Max = 1, MaxWaiting = 2 }, _time);
        Assert.True(await limit.EnterAsync(CancellationToken.None));
        var (second, third) = (limit.EnterAsync(CancellationToken.None).AsTask(), limit.EnterAsync(CancellationToken.None).AsTask());
        Assert.False(await limit.EnterAsync(CancellationToken.None));
        Assert.Equal((1, 2, 1L), (limit.InFlight, limit.Waiting, limit.Refused));
        limit.Leave(TimeSpan.FromMilliseconds(1), CallEnd.Done);
        Assert.True(await second);
        Assert.False(third.IsCompleted);
        limit.Leave(TimeSpan.FromMilliseconds(1), CallEnd.Done);
        Assert.True(await third);
        Assert.Equal((1, 0), (limit.InFlight, limit.Waiting));
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_nobodys_turn()
    {
        var limit = new ConcurrencyLimit(new ConcurrencyLimitOptions { Initial = 1, Max = 1 }, _time);
        Assert.True(await limit.EnterAsync(CancellationToken.None));
        using var giveUp = new CancellationTokenSource();
        var (first, second) = (limit.EnterAsync(giveUp.Token).AsTask(), limit.EnterAsync(CancellationToken.None).AsTask());
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        limit.Leave(TimeSpan.FromMilliseconds(1), CallEnd.Done);
        Assert.True(await second);
        Assert.Equal((1, 0), (limit.InFlight, limit.Waiting));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(5, 4, 5)]
    [InlineData(1, 4, 5)]
    public void Options_out_of_bounds_are_refused(int min, int max, int initial) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new ConcurrencyLimit(new ConcurrencyLimitOptions { Min = min, Max = max, Initial = initial }));

    /// <summary>Rounds in which as many callers as are let in call at the same time.</summary>
    private async Task LoadAsync(ConcurrencyLimit limit, int callers, int rounds, Func<int, TimeSpan> takes, CallEnd end = CallEnd.Done)
    {
        using var stop = new CancellationTokenSource();
        for (var round = 0; round < rounds; round++)
        {
            var turns = Enumerable.Range(0, callers).Select(_ => limit.EnterAsync(stop.Token).AsTask()).ToList();
            var left = turns.Count;
            while (left > 0)
            {
                var now = limit.InFlight;
                left -= now;
                _time.Advance(takes(now));
                for (var i = 0; i < now; i++)
                {
                    limit.Leave(takes(now), end);
                }

                if (limit.InFlight == 0)
                {
                    break;
                }
            }

            Assert.All(await Task.WhenAll(turns), Assert.True);
        }
    }
}
