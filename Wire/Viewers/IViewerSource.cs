namespace Rookery.Wire;

/// <summary>Where the viewers of port 8080 get the tweets from: one shared pipeline, any number of viewers.</summary>
public interface IViewerSource
{
    /// <summary>
    /// The tweets from now on, until cancelled. A reader that is slower than the stream skips, and is told how many.
    /// </summary>
    IAsyncEnumerable<ViewedTweet> WatchAsync(CancellationToken cancellationToken);
}

/// <summary>A tweet as a viewer sees it.</summary>
/// <param name="Worker">Number of the worker that handled it; null where that is not known.</param>
/// <param name="Text">Its text, line breaks and all.</param>
/// <param name="Skipped">Tweets this viewer missed since the one before.</param>
public readonly record struct ViewedTweet(int? Worker, string Text, long Skipped);
