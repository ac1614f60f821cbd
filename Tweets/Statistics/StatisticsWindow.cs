namespace Rookery.Tweets;

/// <summary>What happened in the last few seconds, for the topics <c>logger_stats</c>, <c>users_stats</c> and <c>tweets_stats</c>.</summary>
public sealed class StatisticsWindow
{
    /// <summary>An empty window.</summary>
    /// <param name="name">Who speaks in the sentences, such as <c>#1</c>.</param>
    public StatisticsWindow(string name) => throw new NotImplementedException();

    /// <summary>Length of a window: 5 s, as in the sentences.</summary>
    public static TimeSpan Length => TimeSpan.FromSeconds(5);

    /// <summary>Work on a piece took so long. For any number of threads, as are the others.</summary>
    public void Worked(TimeSpan elapsed) => throw new NotImplementedException();

    /// <summary>A worker crashed.</summary>
    public void Crashed() => throw new NotImplementedException();

    /// <summary>Tweets were written.</summary>
    public void TweetsStored(int count, TimeSpan elapsed) => throw new NotImplementedException();

    /// <summary>Users were written.</summary>
    public void UsersStored(int count, TimeSpan elapsed) => throw new NotImplementedException();

    /// <summary>Takes what was gathered and begins again; topics about which nothing was gathered are left out.</summary>
    public IReadOnlyList<TopicStatistics> Close() => throw new NotImplementedException();
}

/// <summary>One event of a statistics topic.</summary>
/// <param name="Topic"><c>logger_stats</c>, <c>users_stats</c> or <c>tweets_stats</c>.</param>
/// <param name="P75">75 % took at most so many milliseconds.</param>
/// <param name="P85">85 %.</param>
/// <param name="P95">95 %.</param>
/// <param name="Samples">Number of measured times.</param>
/// <param name="Processed">Rows written; 0 for <c>logger_stats</c>.</param>
/// <param name="Crashes">Crashed workers; 0 but for <c>logger_stats</c>.</param>
/// <param name="Sentence">The same for people.</param>
public sealed record TopicStatistics(
    string Topic, double P75, double P85, double P95, long Samples, long Processed, long Crashes, string Sentence);
