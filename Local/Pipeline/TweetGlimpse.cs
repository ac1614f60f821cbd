using System.Collections.Concurrent;
using System.Text;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>
/// What people see of the tweets that pass: how their sentiments are distributed over the last minute (every record counts,
/// one increment each), and a few of them whole, while somebody watches.
/// </summary>
public sealed class TweetGlimpse
{
    /// <summary>Bars of the distribution, from −1 to 1; what is beyond counts in the first or the last.</summary>
    public const int Bars = 20;

    // Of 10 s each: the minute moves on by one of them.
    private const int Panes = 6;
    private const long PaneMs = 10_000;
    private const long SampleMs = 200;
    private const int MostKept = 16;

    private readonly long[][] _counts = [.. Enumerable.Range(0, Panes).Select(_ => new long[Bars])];
    private readonly long[] _times = [.. Enumerable.Repeat(long.MinValue, Panes)];
    private readonly ConcurrentQueue<SeenTweet> _seen = new();
    private readonly Lock _gate = new();
    private int _watchers;
    private long _sampledAt = long.MinValue / 2;

    /// <summary>Somebody watches: tweets are kept for <see cref="Take"/>, up to 5 in a second, until it is disposed of.</summary>
    public IDisposable Watch() => new Watcher(this);

    /// <summary>The tweets kept since the last call, the oldest first. For all watchers together.</summary>
    public IReadOnlyList<SeenTweet> Take()
    {
        var taken = new List<SeenTweet>();
        while (_seen.TryDequeue(out var tweet))
        {
            taken.Add(tweet);
        }

        return taken;
    }

    /// <summary>Records by sentiment in the minute that ends now, from the lowest bar to the highest.</summary>
    /// <param name="now">The time, in milliseconds of the clock of the pipeline.</param>
    internal IReadOnlyList<SentimentBar> Distribution(long now)
    {
        var sums = new long[Bars];
        lock (_gate)
        {
            for (var pane = 0; pane < Panes; pane++)
            {
                if (_times[pane] > (now / PaneMs) - Panes)
                {
                    for (var bar = 0; bar < Bars; bar++)
                    {
                        sums[bar] += _counts[pane][bar];
                    }
                }
            }
        }

        return [.. sums.Select((count, bar) => new SentimentBar((bar - (Bars / 2)) / (Bars / 2.0), (bar + 1 - (Bars / 2)) / (Bars / 2.0), count))];
    }

    /// <summary>Looks at a block that came out of the join.</summary>
    internal void Look(TweetBlock block, long now)
    {
        lock (_gate)
        {
            var counts = Pane(now);
            foreach (ref readonly var record in block.Records)
            {
                if ((record.Scored & Stages.Sentiment) != 0 && record.IsTweet)
                {
                    counts[Math.Clamp((int)Math.Floor((record.Sentiment + 1) * (Bars / 2)), 0, Bars - 1)]++;
                }
            }
        }

        if (Volatile.Read(ref _watchers) > 0 && now - _sampledAt >= SampleMs && _seen.Count < MostKept)
        {
            Keep(block, now);
        }
    }

    private long[] Pane(long now)
    {
        var time = now / PaneMs;
        var pane = (int)(time % Panes);
        if (_times[pane] != time)
        {
            Array.Clear(_counts[pane]);
            _times[pane] = time;
        }

        return _counts[pane];
    }

    private void Keep(TweetBlock block, long now)
    {
        foreach (ref readonly var record in block.Records)
        {
            if (record.Kind == RecordKind.Tweet)
            {
                _sampledAt = now;
                _seen.Enqueue(new SeenTweet(
                    Encoding.UTF8.GetString(block.ShownText(record)),
                    Encoding.UTF8.GetString(block.Utf8(record.ScreenName)),
                    (record.Scored & Stages.Sentiment) != 0 ? record.Sentiment : null,
                    (record.Scored & Stages.Engagement) != 0 ? record.Engagement : null,
                    record.Retweets));
                return;
            }
        }
    }

    private sealed class Watcher : IDisposable
    {
        private readonly TweetGlimpse _glimpse;
        private int _disposed;

        public Watcher(TweetGlimpse glimpse)
        {
            _glimpse = glimpse;
            Interlocked.Increment(ref glimpse._watchers);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                Interlocked.Decrement(ref _glimpse._watchers);
            }
        }
    }
}

/// <summary>A tweet as people see it.</summary>
/// <param name="Text">Its text, censored.</param>
/// <param name="User">Its author's name to call, without the <c>@</c>; empty where unknown.</param>
/// <param name="Sentiment">Mean score of its words; null where it did not come in time.</param>
/// <param name="Engagement">Reactions per follower; null where it did not come in time.</param>
/// <param name="Retweets">How often it was repeated.</param>
public sealed record SeenTweet(string Text, string User, double? Sentiment, double? Engagement, long Retweets);

/// <summary>How many records have a sentiment between two values.</summary>
/// <param name="From">The lower one, included.</param>
/// <param name="To">The higher one, excluded.</param>
/// <param name="Count">How many.</param>
public sealed record SentimentBar(double From, double To, long Count);
