namespace Rookery.Tweets;

/// <summary>What a ranking has counted in one pane, to be merged into another ranking, here or elsewhere.</summary>
/// <param name="Time">The pane, counted from time 0 of the clock.</param>
/// <param name="Total">Occurrences counted.</param>
/// <param name="Error">By how much a count may be too low.</param>
/// <param name="Tags">The hashtags that are left, as they were written, and how often each occurred at least.</param>
public sealed record HashtagPane(long Time, long Total, long Error, IReadOnlyList<(byte[] Tag, long Count)> Tags);
