using Orleans.Concurrency;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>Puts stars in the place of listed words.</summary>
[StatelessWorker(Most)]
internal sealed class CensorWorkerGrain(WorkerServices services) : WorkerGrain(services), ICensorWorkerGrain
{
    protected override void Score(ref FlatReader tweet, FlatWriter scores)
    {
        var censored = CensorScorer.Default.Censor(tweet.Bytes().Span);
        scores.Byte(censored is null ? (byte)0 : (byte)1);
        if (censored is not null)
        {
            scores.Bytes(censored);
        }
    }
}
