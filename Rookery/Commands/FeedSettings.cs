using System.CommandLine;
using Rookery.Feed;

namespace Rookery.Command;

/// <summary>What <c>feed</c> and <c>run</c> have in common: how invented tweets come.</summary>
internal static class FeedSettings
{
    public static readonly Setting<int> Streams = Settings.Whole("--streams", "Number of tweet streams", 2, 1, FeedOptions.MaxStreams, "streams").IdleWith(RunCommand.NoTweets);

    public static readonly Setting<FeedRate> Rate = MakeRate();

    public static readonly Setting<int?> Seed = Settings.OptionalWhole("--seed", "The same seed gives the same tweets; without it another each time", 0, int.MaxValue).IdleWith(RunCommand.NoTweets).IdleWith(RunCommand.Source);

    public static readonly Setting<double> Panic = Settings.Fraction("--panic", "Part of the messages that are kill messages", new FeedOptions().PanicProbability)
        .IdleWith(RunCommand.NoTweets).IdleWith(RunCommand.Source).IdleWith(PoolSettings.IgnorePanic);

    public static FeedOptions Read(ParseResult parsed)
    {
        var options = new FeedOptions
        {
            Streams = parsed.GetValue(Streams),
            Rate = parsed.GetValue(Rate)!,
            PanicProbability = parsed.GetValue(Panic),
        };
        return parsed.GetValue(Seed) is { } seed ? options with { Seed = seed } : options;
    }

    private static Setting<FeedRate> MakeRate()
    {
        var rule = $"bursts, unlimited, or tweets per second per stream (above 0, at most {FeedRate.MaxTweetsPerSecond})";
        var option = Settings.Make("--rate", "How fast tweets come", FeedRate.Bursts, text => Read(text, rule), "rate", rule).IdleWith(RunCommand.NoTweets).IdleWith(RunCommand.Source);
        option.HelpName = "bursts|unlimited|N";
        option.CompletionSources.Add("bursts", "unlimited");
        return option;
    }

    private static FeedRate Read(string text, string rule)
    {
        try
        {
            return FeedRate.Parse(text);
        }
        catch (FormatException)
        {
            throw new FormatException(rule);
        }
    }
}
