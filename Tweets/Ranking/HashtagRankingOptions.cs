namespace Rookery.Tweets;

/// <summary>Settings of the hashtag ranking.</summary>
public sealed record HashtagRankingOptions
{
    /// <summary>How many hashtags to print, 1 to 1,000. Default: 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Length of the window. Default: 60 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Length of the panes the window moves by. Default: 1 s.</summary>
    public TimeSpan Pane { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Counters per pane: the error is at most the occurrences / this. Default: 1,024.</summary>
    public int Counters { get; init; } = 1024;
}
