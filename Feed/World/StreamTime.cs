namespace Rookery.Feed;

/// <summary>
/// The time inside the streams. It starts in April 2016, when the original's tweets were collected, and moves on with every tweet
/// rather than with the clock, so that a seed repeats a run to the byte.
/// </summary>
internal static class StreamTime
{
    /// <summary>2016-04-18T19:30:00Z in Unix milliseconds.</summary>
    public const long StartMs = 1_461_007_800_000;

    public const long DayMs = 86_400_000;

    public const long YearMs = 365 * DayMs;

    /// <summary>The most milliseconds between two tweets of a stream; the mean of 20 gives the 50 tweets/s of the sample stream.</summary>
    public const int MostStepMs = 39;
}
