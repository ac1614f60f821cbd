using Microsoft.Extensions.Logging;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>The pools that score side by side, one per stage in use.</summary>
internal sealed class ScoringPools : IAsyncDisposable
{
    private readonly List<(Stages Stage, ScoringStage Handler, ElasticPool<BlockPart> Pool)> _pools = [];
    private readonly bool _tweetByTweet;

    public ScoringPools(
        TweetPipelineOptions options,
        Join join,
        StatisticsWindow statistics,
        ViewerHub viewers,
        Action<TweetBlock> complete,
        TimeProvider time,
        ILogger logger)
    {
        _tweetByTweet = options.Pool.TweetByTweet;
        List<IScorer> scorers = [];
        if (options.Join.Stages.HasFlag(Stages.Sentiment))
        {
            scorers.Add(new SentimentScorer(Lexicon.Embedded));
        }

        if (options.Join.Stages.HasFlag(Stages.Engagement))
        {
            scorers.Add(new EngagementScorer());
        }

        if (options.Join.Stages.HasFlag(Stages.Censor))
        {
            scorers.Add(CensorScorer.Default);
        }

        for (var i = 0; i < scorers.Count; i++)
        {
            // Viewers see what the last stage has seen: the censored text, where texts are censored.
            var shown = i == scorers.Count - 1 ? viewers : null;
            var handler = new ScoringStage(scorers[i], i, scorers.Count, join, statistics, shown, complete, logger);
            _pools.Add((scorers[i].Stage, handler, new ElasticPool<BlockPart>(handler, options.Pool, time)));
        }
    }

    /// <summary>Whether there is any stage.</summary>
    public bool Any => _pools.Count > 0;

    /// <summary>Figures by stage.</summary>
    public IReadOnlyDictionary<Stages, PoolStatus> Status => _pools.ToDictionary(p => p.Stage, p => p.Pool.Status);

    /// <summary>Workers that crashed in all pools.</summary>
    public long Crashes => _pools.Sum(p => p.Pool.Status.Crashes);

    /// <summary>Scores sentiment with other words from now on.</summary>
    public void Use(Lexicon lexicon)
    {
        foreach (var (stage, handler, _) in _pools)
        {
            if (stage == Stages.Sentiment)
            {
                handler.Scorer = new SentimentScorer(lexicon);
            }
        }
    }

    /// <summary>Gives a block to every pool, each part of it with a reference of its own.</summary>
    /// <exception cref="OperationCanceledException">Given up before every pool had taken it.</exception>
    public async ValueTask SendAsync(TweetBlock block, CancellationToken abort)
    {
        var step = _tweetByTweet ? 1 : block.Count;
        for (var start = 0; start < block.Count; start += step)
        {
            foreach (var (_, _, pool) in _pools)
            {
                block.Retain();
                try
                {
                    await pool.SendAsync(new BlockPart(block, start, step), abort).ConfigureAwait(false);
                }
                catch
                {
                    block.Release();
                    throw;
                }
            }
        }
    }

    /// <summary>Waits until every pool has done what it was given.</summary>
    public Task DrainAsync(CancellationToken abort) => Task.WhenAll(_pools.Select(p => p.Pool.DrainAsync(abort)));

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, _, pool) in _pools)
        {
            await pool.DisposeAsync().ConfigureAwait(false);
        }
    }
}
