namespace Rookery.Grains.Interfaces;

/// <summary>
/// A worker that scores: any number of them on each silo, whoever is free takes the next call. A kill message
/// crashes the worker that drew it, and a new one takes its place.
/// </summary>
public interface IWorkerGrain : IGrainWithIntegerKey
{
    /// <summary>Scores tweets.</summary>
    /// <exception cref="WorkerCrashedException">There was a kill message among them.</exception>
    [Alias("Score")]
    Task<ScoreReply> ScoreAsync(ScoreRequest request, CancellationToken cancellationToken = default);
}

/// <summary>Scores the sentiment of texts.</summary>
[Alias("Rookery.ISentimentWorkerGrain")]
public interface ISentimentWorkerGrain : IWorkerGrain;

/// <summary>Scores how much tweets are answered.</summary>
[Alias("Rookery.IEngagementWorkerGrain")]
public interface IEngagementWorkerGrain : IWorkerGrain;

/// <summary>Puts stars in the place of listed words.</summary>
[Alias("Rookery.ICensorWorkerGrain")]
public interface ICensorWorkerGrain : IWorkerGrain;
