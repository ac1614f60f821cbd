using System.Buffers;
using Rookery.Tests;

namespace Rookery.Command.Tests;

public sealed class IdleTrimTests
{
    private static readonly int Patience = (int)IdleTrim.Patience.TotalSeconds;

    private readonly ManualTimeProvider _time = new();
    private readonly IdleTrim _idleTrim;
    private int _collected;
    private int _trimmed;
    private long _allocated;
    private long _heap;
    private long _published;

    public IdleTrimTests() => _idleTrim = new IdleTrim(() => _collected++, () => _trimmed++, () => (_allocated, _heap), _time);

    [Fact]
    public void Memory_is_given_back_after_a_rush_and_at_rest_again_and_again()
    {
        Pass(20, publishedEachSecond: 5000);
        Assert.Equal((0, 0), (_collected, _trimmed));

        Pass(Patience, 0);
        Assert.Equal((1, 0), (_collected, _trimmed));

        Pass(Patience * IdleTrim.CollectEvery - 1, 0);
        Assert.Equal((1, IdleTrim.CollectEvery - 1), (_collected, _trimmed));
        Pass(1, 0);
        Assert.Equal((2, IdleTrim.CollectEvery - 1), (_collected, _trimmed));
    }

    [Theory]
    [InlineData(0, IdleTrim.Worth)]
    [InlineData(400 << 20, 40 << 20)]
    public void A_rest_is_collected_again_only_for_what_is_worth_going_through_the_heap(long heap, long worth)
    {
        _heap = heap;
        Pass(600, 0);
        Assert.Equal(IdleTrim.Collections, _collected);

        _allocated += worth - 1;
        Pass(600, 0);
        Assert.Equal(IdleTrim.Collections, _collected);

        _allocated++;
        Pass(600, 0);
        Assert.Equal(IdleTrim.Collections + 1, _collected);
    }

    [Fact]
    public void A_rush_within_a_rest_begins_anew()
    {
        Pass(100, 0);
        var before = _collected;
        Pass(200, publishedEachSecond: 5000);
        Assert.Equal(before, _collected);

        Pass(Patience, 0);
        Assert.Equal(before + 1, _collected);
    }

    [Fact]
    public void What_the_statistics_publish_each_second_is_no_rush()
    {
        Pass(20, publishedEachSecond: 5000);
        Pass(Patience, publishedEachSecond: 4);
        Assert.Equal(1, _collected);
    }

    [Fact]
    public void Tweets_that_wait_are_no_rest()
    {
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _idleTrim.Look(Figures(waiting: 7));
        }

        Assert.Equal((0, 0), (_collected, _trimmed));
    }

    [Fact]
    public void Arrays_that_the_process_keeps_for_anybody_are_left_to_the_collector()
    {
        var kept = Enumerable.Range(0, 6).Select(_ => ArrayPool<byte>.Shared.Rent(1 << 20)).ToList();
        var seen = new WeakReference(kept[^1]);
        kept.ForEach(array => ArrayPool<byte>.Shared.Return(array));
        kept.Clear();

        Assert.InRange(SharedArrayPool.Empty(), 6 << 20, long.MaxValue);
        Assert.NotSame(seen.Target, ArrayPool<byte>.Shared.Rent(1 << 20));
    }

    private void Pass(int seconds, int publishedEachSecond)
    {
        for (var i = 0; i < seconds; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _published += publishedEachSecond;
            _idleTrim.Look(Figures(waiting: 0));
        }
    }

    private StatusFigures Figures(long waiting) => new()
    {
        Published = _published,
        Delivered = 0,
        Connections = 0,
        Topics = 0,
        Tweets = new TweetFigures { In = 0, Scored = 0, Records = waiting, Stored = 0, Workers = [], Crashes = 0, BatchSize = 1, Waiting = waiting },
    };
}
