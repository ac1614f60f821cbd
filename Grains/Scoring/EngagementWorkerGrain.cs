using Orleans.Concurrency;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>Scores how much tweets are answered.</summary>
[StatelessWorker(Most)]
internal sealed class EngagementWorkerGrain(WorkerServices services) : WorkerGrain(services), IEngagementWorkerGrain
{
    protected override void Score(ref FlatReader tweet, FlatWriter scores) =>
        scores.Real(EngagementScorer.Score(tweet.Number(), tweet.Number(), tweet.Number()));
}
