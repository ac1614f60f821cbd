using Rookery.Grains;
using Rookery.Hosting;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>How the tweet half is set up, from command line and environment.</summary>
internal static class PipelineSettings
{
    /// <exception cref="FormatException">A setting is out of its bounds; the message names it.</exception>
    /// <exception cref="ArgumentException">As above.</exception>
    public static PipelineOptions Read(Settings settings, bool keepOriginals)
    {
        var defaults = new PipelineOptions();
        var options = defaults with
        {
            Source = settings.Find("tweets") is { } source ? Address(source) : null,
            Streams = settings.Number("streams", defaults.Streams, 1, 1000),
            Join = defaults.Join with
            {
                Stages = StagesOf(settings.Text("stages", "sentiment,engagement,censor")),
                Timeout = settings.Seconds("join-timeout-seconds", defaults.Join.Timeout.TotalSeconds, 0.1, 3600),
            },
            Limit = defaults.Limit with { Max = settings.Number("max-workers", defaults.Limit.Max, 2, 256) },
            Work = WorkOf(settings),
            BlockRecords = settings.Number("block-tweets", defaults.BlockRecords, 1, 10_000),
            MaxInFlight = settings.Number("max-tweets-in-flight", defaults.MaxInFlight, 100, 1_000_000),
            TweetPartitions = settings.Number("tweet-partitions", defaults.TweetPartitions, 1, 1024),
            UserPartitions = settings.Number("user-partitions", defaults.UserPartitions, 1, 1024),
            StoreTimeout = settings.Seconds("store-timeout-seconds", defaults.StoreTimeout.TotalSeconds, 0.1, 60),
            KeepOriginals = keepOriginals,
        };
        options.Validate();
        return options;
    }

    private static Uri Address(string source) => Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        ? uri
        : throw new FormatException($"tweets (ROOKERY_TWEETS) is \"{source}\"; it must be an http or https address");

    private static Stages StagesOf(string text)
    {
        const string needed = "it must be one or more of sentiment, engagement, censor";
        var stages = Stages.None;
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            stages |= word switch
            {
                "sentiment" => Stages.Sentiment,
                "engagement" => Stages.Engagement,
                "censor" => Stages.Censor,
                _ => throw new FormatException($"stages (ROOKERY_STAGES) has \"{word}\"; {needed}"),
            };
        }

        return stages != Stages.None
            ? stages
            : throw new FormatException($"stages (ROOKERY_STAGES) is \"{text}\"; {needed}");
    }

    private static SimulatedWorkOptions WorkOf(Settings settings)
    {
        var defaults = new SimulatedWorkOptions();
        return defaults with
        {
            Distribution = settings.OneOf("work", "none", "normal", "uniform", "poisson") switch
            {
                "normal" => WorkDistribution.Normal,
                "uniform" => WorkDistribution.Uniform,
                "poisson" => WorkDistribution.Poisson,
                _ => WorkDistribution.None,
            },
            Min = settings.Seconds("work-min-seconds", defaults.Min.TotalSeconds, 0, 2),
            Max = settings.Seconds("work-max-seconds", defaults.Max.TotalSeconds, 0, 2),
            Mean = settings.Seconds("work-mean-seconds", defaults.Mean.TotalSeconds, 0, 2),
        };
    }
}
