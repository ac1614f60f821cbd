using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>What the workers of all stages do: score one tweet after the other, until there is a kill message.</summary>
internal abstract class WorkerGrain(WorkerServices services) : Grain, IWorkerGrain
{
    /// <summary>Most workers of a stage on a silo. How many there are, below that, is up to the limit in front of them.</summary>
    public const int Most = 256;

    /// <summary>Longest that a call may pretend to work, far below what the runtime allows a call (5 s).</summary>
    public static readonly TimeSpan LongestPretence = TimeSpan.FromSeconds(2);

    private SimulatedWork? _work;

    /// <summary>Most records of a call, so that pretending to work on all of them takes no longer than <see cref="LongestPretence"/>.</summary>
    public static int RecordsPerCall(SimulatedWorkOptions work)
    {
        var one = work.Distribution switch
        {
            WorkDistribution.None => TimeSpan.Zero,
            WorkDistribution.Poisson => work.Mean,
            _ => work.Max,
        };
        return one == TimeSpan.Zero ? int.MaxValue : Math.Max(1, (int)Math.Min(int.MaxValue, LongestPretence / one));
    }

    /// <summary>What the workers of a silo share.</summary>
    protected WorkerServices Services => services;

    /// <inheritdoc/>
    public async Task<ScoreReply> ScoreAsync(ScoreRequest request, CancellationToken cancellationToken = default)
    {
        using var scores = new FlatWriter(2048);
        var crashed = Score(request.Items, scores, out var done);
        if (services.Options.Work.Distribution != WorkDistribution.None)
        {
            await PretendAsync(done, cancellationToken);
        }

        if (crashed)
        {
            // A new worker takes the place of this one.
            DeactivateOnIdle();
            throw new WorkerCrashedException(done, scores.ToArray());
        }

        return new ScoreReply(scores.ToArray());
    }

    /// <summary>Scores one tweet.</summary>
    protected abstract void Score(ref FlatReader tweet, FlatWriter scores);

    private bool Score(byte[] items, FlatWriter scores, out int done)
    {
        var reader = new FlatReader(items);
        for (done = 0; !reader.AtEnd; done++)
        {
            if (reader.Byte() == ScoreCodec.Kill)
            {
                return true;
            }

            Score(ref reader, scores);
        }

        return false;
    }

    private Task PretendAsync(int tweets, CancellationToken cancellationToken)
    {
        _work ??= new SimulatedWork(services.Options.Work, Random.Shared.Next());
        var time = TimeSpan.Zero;
        for (var i = 0; i < tweets; i++)
        {
            time += _work.Next();
        }

        return Task.Delay(time, services.Time, cancellationToken);
    }
}
