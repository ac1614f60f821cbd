using System.Net;
using Rookery.Broker;
using Rookery.Feed;
using Rookery.Local;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>What <c>rookery run</c> was asked for.</summary>
internal sealed record RunSettings
{
    public required string Data { get; init; }

    public required IPAddress Host { get; init; }

    public required int BrokerPort { get; init; }

    public required int ViewerPort { get; init; }

    /// <summary>Port of the page and of HTTP; null: neither.</summary>
    public int? HttpPort { get; init; }

    /// <summary>Names that requests may call the server by.</summary>
    public IReadOnlyList<string> HttpNames { get; init; } = [];

    public required Durability Durability { get; init; }

    /// <summary>How connections are held.</summary>
    public required WireOptions Wire { get; init; }

    /// <summary>What topics and subscriptions are held to.</summary>
    public required BrokerLimits Limits { get; init; }

    public required AccessSettings Access { get; init; }

    /// <summary>The tweets; null for the broker alone.</summary>
    public TweetSettings? Tweets { get; init; }

    /// <summary>Where metrics and traces are sent; null: where the environment says, if it does.</summary>
    public Uri? Telemetry { get; init; }

    public TimeSpan? Duration { get; init; }

    /// <summary>How long stopping may take to bring what is under way to its end.</summary>
    public required TimeSpan Drain { get; init; }

    public bool Verbose { get; init; }

    /// <summary>Logs are JSON objects, a line each.</summary>
    public bool JsonLogs { get; init; }
}

/// <summary>Where tweets come from and what happens to them.</summary>
internal sealed record TweetSettings
{
    /// <summary>The tweet server to start; null where <see cref="Source"/> is another one.</summary>
    public FeedOptions? Feed { get; init; }

    public Uri? Source { get; init; }

    public required int Streams { get; init; }

    public required bool Store { get; init; }

    public required ElasticPoolOptions Pool { get; init; }
}
