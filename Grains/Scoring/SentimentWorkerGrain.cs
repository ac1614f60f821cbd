using Orleans.Concurrency;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>Scores the sentiment of texts.</summary>
[StatelessWorker(Most)]
internal sealed class SentimentWorkerGrain(WorkerServices services) : WorkerGrain(services), ISentimentWorkerGrain
{
    protected override void Score(ref FlatReader tweet, FlatWriter scores)
    {
        var score = Services.Sentiment.Score(tweet.Bytes().Span);
        scores.Real(score.Mean);
        scores.Number(score.Words);
    }
}
