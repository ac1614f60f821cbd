using System.Net;
using Microsoft.Extensions.Logging;

namespace Rookery.BrokerGateway;

/// <summary>What a gateway logs.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(1, LogLevel.Information, "linked to topic {Topic}, epoch {Epoch}, with {Sessions} subscribed sessions")]
    public static partial void Linked(ILogger logger, string topic, Guid epoch, int sessions);

    [LoggerMessage(2, LogLevel.Warning, "topic {Topic} cannot be reached: {Cause}")]
    public static partial void Unreachable(ILogger logger, string topic, string cause);

    [LoggerMessage(3, LogLevel.Warning, "the outcome of {Batches} batches for topic {Topic} is unknown: {Cause}")]
    public static partial void Unknown(ILogger logger, string topic, int batches, string cause);

    [LoggerMessage(4, LogLevel.Warning, "session {Session} could not take up its subscription to topic {Topic} again, and ends: {Detail}")]
    public static partial void NotResumed(ILogger logger, Guid session, string topic, string detail);

    [LoggerMessage(5, LogLevel.Warning, "the receiver of session {Session} failed; the session ends")]
    public static partial void ReceiverFailed(ILogger logger, Guid session, Exception cause);

    [LoggerMessage(6, LogLevel.Information, "session {Session} of {Name} was taken over by another")]
    public static partial void TakenOver(ILogger logger, Guid session, string? name);

    [LoggerMessage(7, LogLevel.Warning, "names of part {Shard} of the registry could not be renewed: {Cause}")]
    public static partial void NotRenewed(ILogger logger, int shard, string cause);

    [LoggerMessage(8, LogLevel.Warning, "a session was refused: {Sessions} are open, and no more are allowed")]
    public static partial void SessionRefused(ILogger logger, int sessions);

    [LoggerMessage(9, LogLevel.Warning, "the cluster cannot be reached; next attempt in {Delay}: {Cause}")]
    public static partial void NotConnected(ILogger logger, TimeSpan delay, string cause);

    [LoggerMessage(10, LogLevel.Warning, "the cluster is lost: no silo can be reached; commands are refused until one can")]
    public static partial void ClusterLost(ILogger logger);

    [LoggerMessage(11, LogLevel.Information, "the cluster answers again")]
    public static partial void ClusterReached(ILogger logger);

    [LoggerMessage(12, LogLevel.Information, "clients are served on {EndPoint}, health on {Health}")]
    public static partial void Serving(ILogger logger, string endPoint, string health);

    [LoggerMessage(EventId = 14, Message = "a call of topic {Topic} failed")]
    public static partial void CallFailed(ILogger logger, LogLevel level, string topic, Exception cause);

    [LoggerMessage(15, LogLevel.Warning, "whoever is on the way to {Place} can read and change everything, tokens too: it is served without TLS")]
    public static partial void Plain(ILogger logger, IPEndPoint place);

    [LoggerMessage(13, LogLevel.Error, "the link to topic {Topic} met a mistake in the program; it is made anew")]
    public static partial void LinkBroken(ILogger logger, string topic, Exception cause);
}
