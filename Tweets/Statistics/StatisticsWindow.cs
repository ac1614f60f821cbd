using System.Globalization;

namespace Rookery.Tweets;

/// <summary>
/// What happened in the last few seconds, for the topics <c>logger_stats</c>, <c>users_stats</c> and <c>tweets_stats</c>.
/// For any number of threads.
/// </summary>
public sealed class StatisticsWindow
{
    private readonly Lock _lock = new();
    private readonly string _name;
    private readonly Percentiles _work = new();
    private readonly Percentiles _tweets = new();
    private readonly Percentiles _users = new();
    private long _crashes;
    private long _tweetCount;
    private long _userCount;

    /// <summary>An empty window.</summary>
    /// <param name="name">Who speaks in the sentences, such as <c>#1</c>.</param>
    public StatisticsWindow(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _name = name;
    }

    /// <summary>Length of a window: 5 s, as in the sentences.</summary>
    public static TimeSpan Length { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Work on a piece took so long.</summary>
    public void Worked(TimeSpan elapsed)
    {
        lock (_lock)
        {
            _work.Add(elapsed);
        }
    }

    /// <summary>A worker crashed.</summary>
    public void Crashed()
    {
        lock (_lock)
        {
            _crashes++;
        }
    }

    /// <summary>Tweets were written.</summary>
    /// <param name="count">How many.</param>
    /// <param name="elapsed">How long it took.</param>
    public void TweetsStored(int count, TimeSpan elapsed)
    {
        lock (_lock)
        {
            _tweets.Add(elapsed);
            _tweetCount += count;
        }
    }

    /// <summary>Users were written.</summary>
    /// <param name="count">How many.</param>
    /// <param name="elapsed">How long it took.</param>
    public void UsersStored(int count, TimeSpan elapsed)
    {
        lock (_lock)
        {
            _users.Add(elapsed);
            _userCount += count;
        }
    }

    /// <summary>Takes what was gathered, to be added to another window, and begins again.</summary>
    public StatisticsSample Take()
    {
        lock (_lock)
        {
            var sample = new StatisticsSample { Crashes = _crashes, TweetCount = _tweetCount, UserCount = _userCount };
            sample.Work.Merge(_work);
            sample.Tweets.Merge(_tweets);
            sample.Users.Merge(_users);
            Clear();
            return sample;
        }
    }

    /// <summary>Adds what was gathered elsewhere.</summary>
    public void Add(StatisticsSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        lock (_lock)
        {
            _work.Merge(sample.Work);
            _tweets.Merge(sample.Tweets);
            _users.Merge(sample.Users);
            _crashes += sample.Crashes;
            _tweetCount += sample.TweetCount;
            _userCount += sample.UserCount;
        }
    }

    /// <summary>Takes what was gathered and begins again; topics about which nothing was gathered are left out.</summary>
    public IReadOnlyList<TopicStatistics> Close()
    {
        var topics = new List<TopicStatistics>(3);
        lock (_lock)
        {
            if (_work.Count > 0 || _crashes > 0)
            {
                topics.Add(Describe("logger_stats", "LoggerWorker execution time] Percentile stats", _work, 0, _crashes, $"[{_crashes} CRASHES/5sec]"));
            }

            if (_users.Count > 0)
            {
                topics.Add(DescribeStore("users", _users, _userCount));
            }

            if (_tweets.Count > 0)
            {
                topics.Add(DescribeStore("tweets", _tweets, _tweetCount));
            }

            Clear();
        }

        return topics;
    }

    private void Clear()
    {
        _work.Clear();
        _tweets.Clear();
        _users.Clear();
        _crashes = _tweetCount = _userCount = 0;
    }

    private TopicStatistics DescribeStore(string rows, Percentiles times, long processed) =>
        Describe($"{rows}_stats", $"Bulk `{rows}` insert stats] Execution time percentile", times, processed, 0, $"[processed={processed}]");

    private TopicStatistics Describe(string topic, string what, Percentiles times, long processed, long crashes, string end)
    {
        var (p75, p85, p95) = (Round(times.At(75)), Round(times.At(85)), Round(times.At(95)));
        var sentence = string.Create(
            CultureInfo.InvariantCulture, $"[StatisticWorker {_name} - {what} 75%={p75:0.0#} | 85%={p85:0.0#} | 95%={p95:0.0#} {end}");
        return new TopicStatistics(topic, p75, p85, p95, times.Count, processed, crashes, sentence);
    }

    // Up, to two decimals, as the predecessors did; what is a whole number of hundredths but for its last bits stays.
    private static double Round(double milliseconds) => Math.Ceiling(Math.Round(milliseconds * 100, 6)) / 100;
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
