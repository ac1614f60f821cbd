using System.Globalization;

namespace Rookery.Feed;

/// <summary>How fast a stream sends: in bursts of changing speed, at a fixed rate, or as fast as its reader takes.</summary>
public sealed record FeedRate
{
    /// <summary>The highest rate that can be fixed, in tweets per second per stream. Beyond it, use <see cref="Unlimited"/>.</summary>
    public const double MaxTweetsPerSecond = 100_000;

    private FeedRate(double tweetsPerSecond)
    {
        TweetsPerSecond = tweetsPerSecond;
    }

    /// <summary>Bursts of 100 messages, each burst with its own pause of 0 to 55 ms between messages: the pacing of the original server.</summary>
    public static FeedRate Bursts { get; } = new(0);

    /// <summary>No pauses: the reader's socket sets the speed.</summary>
    public static FeedRate Unlimited { get; } = new(double.PositiveInfinity);

    /// <summary>Tweets per second per stream; 0 for <see cref="Bursts"/>, infinite for <see cref="Unlimited"/>.</summary>
    public double TweetsPerSecond { get; }

    /// <summary>The same number of tweets each second on every stream.</summary>
    /// <param name="tweetsPerSecond">Tweets per second per stream, above 0 and at most <see cref="MaxTweetsPerSecond"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is outside its bounds.</exception>
    public static FeedRate Fixed(double tweetsPerSecond)
    {
        if (!(tweetsPerSecond > 0 && tweetsPerSecond <= MaxTweetsPerSecond))
        {
            throw new ArgumentOutOfRangeException(
                nameof(tweetsPerSecond), tweetsPerSecond, $"A fixed rate is above 0 and at most {MaxTweetsPerSecond} tweets/s per stream.");
        }

        return new FeedRate(tweetsPerSecond);
    }

    /// <summary>Reads what <see cref="ToString"/> writes: <c>bursts</c>, <c>unlimited</c>, or tweets per second per stream.</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static FeedRate Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Trim().ToUpperInvariant() switch
        {
            "BURSTS" => Bursts,
            "UNLIMITED" => Unlimited,
            var number when double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate)
                && rate is > 0 and <= MaxTweetsPerSecond => Fixed(rate),
            _ => throw new FormatException(
                $"'{text}' is not a rate; use bursts, unlimited, or tweets per second per stream (above 0, at most {MaxTweetsPerSecond})."),
        };
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        return this == Bursts ? "bursts" : this == Unlimited ? "unlimited" : TweetsPerSecond.ToString(CultureInfo.InvariantCulture);
    }
}
