using System.Diagnostics;
using Rookery.Tweets;

namespace Rookery.Bench;

/// <summary>Processor time of each stage alone, on one core, over captured blocks: microseconds per top-level tweet.</summary>
internal static class StageCosts
{
    private const int Passes = 7;

    public static IEnumerable<(string Stage, double Microseconds)> Measure(Sample sample)
    {
        var blocks = sample.Blocks;
        var pool = new TweetBlockPool();
        var tweets = blocks.Sum(block => Count(block));
        yield return ("read (events, JSON)", Median(tweets, () => Sample.Read(sample.Bytes, pool, block => block.Release())));
        foreach (var scorer in new IScorer[] { new SentimentScorer(Lexicon.Embedded), new EngagementScorer(), CensorScorer.Default })
        {
            yield return (scorer.Stage.ToString().ToLowerInvariant(), Median(tweets, () => Score(blocks, scorer)));
        }

        var ranking = new HashtagRanking(new HashtagRankingOptions());
        yield return ("hashtags", Median(tweets, () => Rank(blocks, ranking)));
    }

    private static int Count(TweetBlock block)
    {
        var count = 0;
        foreach (ref readonly var record in block.Records)
        {
            count += record.Kind == RecordKind.Tweet ? 1 : 0;
        }

        return count;
    }

    private static double Median(long tweets, Action pass)
    {
        var times = new double[Passes];
        for (var i = 0; i < Passes; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            pass();
            times[i] = Stopwatch.GetElapsedTime(begin).TotalMicroseconds / tweets;
        }

        Array.Sort(times);
        return times[Passes / 2];
    }

    private static void Score(List<TweetBlock> blocks, IScorer scorer)
    {
        foreach (var block in blocks)
        {
            scorer.Score(BlockPart.Of(block));
        }
    }

    private static void Rank(List<TweetBlock> blocks, HashtagRanking ranking)
    {
        foreach (var block in blocks)
        {
            ranking.Add(BlockPart.Of(block), 0);
        }
    }
}
