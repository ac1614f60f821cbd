namespace Rookery.Grains.Interfaces;

/// <summary>What an operator wants of the pipeline as a whole; one for the cluster, its key is 0.</summary>
[Alias("Rookery.IPipelineGrain")]
public interface IPipelineGrain : IGrainWithIntegerKey
{
    /// <summary>Whether the writing is paused.</summary>
    /// <exception cref="InvalidOperationException">It cannot be read at present; the message says why.</exception>
    [Alias("IsPaused")]
    Task<bool> IsPausedAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Pauses the writing to the store, or resumes it; remembered until it is said otherwise. Silos follow within about a second; while
    /// nothing is written, what is read waits within its bounds, and then the streams wait.
    /// </summary>
    /// <exception cref="InvalidOperationException">It could not be remembered.</exception>
    [Alias("SetPaused")]
    Task SetPausedAsync(bool paused, CancellationToken cancellationToken = default);
}
