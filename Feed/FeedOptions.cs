using System.Net;

namespace Rookery.Feed;

/// <summary>What a tweet server serves, where, and how fast.</summary>
public sealed record FeedOptions
{
    /// <summary>The most streams one server can have: a stream's number is part of its tweets' ids.</summary>
    public const int MaxStreams = 1_000;

    /// <summary>The address to listen on: an IP address, <c>localhost</c>, or <c>*</c> for every IPv4 address. Default: 127.0.0.1.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The TCP port; 0 takes a free one, see <see cref="TweetServer.Address"/>. Default: 4000.</summary>
    public int Port { get; init; } = 4000;

    /// <summary>How many streams there are, <c>/tweets/1</c> to <c>/tweets/N</c>. Default: 2, as in the original.</summary>
    public int Streams { get; init; } = 2;

    /// <summary>How fast each stream sends. Default: <see cref="FeedRate.Bursts"/>.</summary>
    public FeedRate Rate { get; init; } = FeedRate.Bursts;

    /// <summary>The probability, 0 to 1, that a message is the kill message rather than a tweet. Default: 0.01.</summary>
    public double PanicProbability { get; init; } = 0.01;

    /// <summary>The same seed gives the same streams, tweet by tweet. Default: chosen at random, and logged at start.</summary>
    public int Seed { get; init; } = Random.Shared.Next();

    /// <summary>
    /// A connection's stream ends after this many tweets (kill messages are not counted); the next connection goes on from there.
    /// Default: null, endless.
    /// </summary>
    public int? TweetsPerConnection { get; init; }

    /// <summary>How many connections may read streams at once; one more is answered 503. Each takes up to 1 MB. Default: 256.</summary>
    public int MaxReaders { get; init; } = 256;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">An option is outside its bounds; the message names the option, the value and the bound.</exception>
    public void Validate()
    {
        _ = ListenAddress();
        Check(nameof(Port), Port, Port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort, "from 0 to 65535");
        Check(nameof(Streams), Streams, Streams is >= 1 and <= MaxStreams, $"from 1 to {MaxStreams}");
        Check(nameof(Rate), Rate, Rate is not null, "set");
        Check(nameof(PanicProbability), PanicProbability, PanicProbability is >= 0 and <= 1, "from 0 to 1");
        Check(nameof(TweetsPerConnection), TweetsPerConnection, TweetsPerConnection is null or >= 1, "null or at least 1");
        Check(nameof(MaxReaders), MaxReaders, MaxReaders >= 1, "at least 1");
    }

    internal IPAddress ListenAddress()
    {
        return Host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            _ when IPAddress.TryParse(Host, out var address) => address,
            _ => throw new ArgumentException($"{nameof(Host)} is '{Host}'; it must be an IP address, localhost or *."),
        };
    }

    private static void Check(string option, object? value, bool valid, string bound)
    {
        if (!valid)
        {
            throw new ArgumentException(FormattableString.Invariant($"{option} is {value ?? "null"}; it must be {bound}."));
        }
    }
}
