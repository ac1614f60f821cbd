using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Grains;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

public class ScoringDeskTests
{
    private readonly TweetBlockPool _pool = new(4 << 10);
    private readonly TweetEventReader _reader = new(new SequenceSource());

    [Fact]
    public async Task Blocks_whose_time_is_up_are_held_by_no_stage_that_has_not_begun_with_them()
    {
        var time = new ManualTimeProvider();
        var worker = (FakeWorker)DispatchProxy.Create<IWorkerGrain, FakeWorker>();
        var join = new Join(new JoinOptions { Stages = Stages.Sentiment, Timeout = TimeSpan.FromMilliseconds(300) });
        var limit = new ConcurrencyLimit(new ConcurrencyLimitOptions { Initial = 2, Max = 2 }, time);
        var stage = new StageRunner(Stages.Sentiment, 0, 1, (IWorkerGrain)(object)worker, join, limit, new StatisticsWindow("sentiment"), time, NullLogger.Instance);
        using var desk = new ScoringDesk(join, [stage], time);

        // Workers that answer nothing: two blocks are with them, the others wait for their turn.
        var scoring = Enumerable.Range(1, 20).Select(id => ScoreAsync(desk, id)).ToList();
        Assert.Equal((2, 20), (worker.Calls, _pool.BlocksInUse));
        time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(scoring).WaitAsync(TimeSpan.FromSeconds(60));
        await Eventually.HoldsAsync(() => _pool.BlocksInUse == 2, () => $"{_pool.BlocksInUse} blocks are held");
        worker.Answer.SetException(new TimeoutException("too slow"));
        await Eventually.HoldsAsync(() => _pool.BlocksInUse == 0, () => $"{_pool.BlocksInUse} blocks are held");
        Assert.Equal(2, worker.Calls);
    }

    private async Task ScoreAsync(ScoringDesk desk, int id)
    {
        var block = Block(id);
        try
        {
            await desk.ScoreAsync(block, CancellationToken.None);
        }
        finally
        {
            block.Release();
        }
    }

    private TweetBlock Block(int id)
    {
        var block = _pool.Rent(1 << 10);
        Assert.True(_reader.TryAdd(block, new TestTweet(id, User: 1).Event));
        _reader.Seal(block);
        return block;
    }

    /// <summary>Stands for the grain: a class that implements its interface would be taken for one.</summary>
    public class FakeWorker : DispatchProxy
    {
        private int _calls;

        public int Calls => _calls;

        public TaskCompletionSource<ScoreReply> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Interlocked.Increment(ref _calls);
            return Answer.Task;
        }
    }
}
