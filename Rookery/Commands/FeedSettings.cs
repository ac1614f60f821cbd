using System.CommandLine;
using Rookery.Feed;

namespace Rookery.Command;

/// <summary>What <c>feed</c> and <c>run</c> have in common: how invented tweets come.</summary>
internal static class FeedSettings
{
    public static readonly Option<int> Streams = Settings.Whole("--streams", "Number of tweet streams", 2, 1, FeedOptions.MaxStreams);

    public static readonly Option<FeedRate> Rate = MakeRate();

    public static readonly Option<int?> Seed = Settings.OptionalWhole("--seed", "The same seed gives the same tweets; without it another each time", 0, int.MaxValue);

    public static readonly Option<double> Panic = Settings.Fraction("--panic", "Part of the messages that are kill messages (0..1)", new FeedOptions().PanicProbability);

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

    private static Option<FeedRate> MakeRate()
    {
        var option = Settings.Make("--rate", "bursts, unlimited, or tweets per second per stream", FeedRate.Bursts, text =>
        {
            try
            {
                return FeedRate.Parse(text);
            }
            catch (FormatException)
            {
                throw new FormatException($"bursts, unlimited, or tweets per second per stream (above 0, at most {FeedRate.MaxTweetsPerSecond})");
            }
        });
        option.HelpName = "bursts|unlimited|N";
        option.CompletionSources.Add("bursts", "unlimited");
        return option;
    }
}
