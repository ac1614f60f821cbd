using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Rookery.Wire;

/// <summary>What the wire logs. What strangers can cause at will is told sparsely; the metrics count all of it.</summary>
/// <param name="logger">Where it goes.</param>
/// <param name="time">The clock of what is told sparsely.</param>
internal sealed partial class WireLog(ILogger logger, TimeProvider time)
{
    private readonly SparseWarning _tooMany = new(time);
    private readonly SparseWarning _closed = new(time);
    private readonly SparseWarning _handshakes = new(time);
    private readonly SparseWarning _unavailable = new(time);
    private readonly SparseWarning _tokens = new(time);
    private readonly SparseWarning _stalled = new(time);
    private readonly ConcurrentDictionary<Type, SparseWarning> _failures = [];

    [LoggerMessage(1, LogLevel.Information, "listening on {EndPoint}", EventName = "Listening")]
    public static partial void Listening(ILogger logger, IPEndPoint endPoint);

    [LoggerMessage(2, LogLevel.Warning, "refused a connection from {Peer}: {Most} are open{More}", EventName = "TooManyConnections")]
    private static partial void TooManyConnections(ILogger logger, EndPoint? peer, int most, string more);

    [LoggerMessage(3, LogLevel.Warning, "closed {Peer}: {Reason}{More}", EventName = "Closed")]
    private static partial void Closed(ILogger logger, EndPoint? peer, string reason, string more);

    [LoggerMessage(4, LogLevel.Error, "the broker failed to execute a batch", EventName = "BatchFailed")]
    private static partial void BatchFailed(ILogger logger, Exception error);

    [LoggerMessage(5, LogLevel.Error, "a connection failed{More}", EventName = "ConnectionFailed")]
    private static partial void ConnectionFailed(ILogger logger, Exception error, string more);

    [LoggerMessage(6, LogLevel.Warning, "the broker is not available: {Reason}{More}", EventName = "BrokerUnavailable")]
    private static partial void BrokerUnavailable(ILogger logger, string reason, string more);

    [LoggerMessage(7, LogLevel.Warning, "refused {Peer}: its token is not known ({Failures} of {Most} attempts in a minute){More}", EventName = "TokenRefused")]
    private static partial void TokenRefused(ILogger logger, EndPoint? peer, int failures, int most, string more);

    [LoggerMessage(8, LogLevel.Information, "closed {Peer}: no TLS handshake{More}", EventName = "HandshakeFailed")]
    private static partial void HandshakeFailed(ILogger logger, EndPoint? peer, string more);

    [LoggerMessage(9, LogLevel.Warning, "closed {Peer}: it took nothing of what waits for it for {Time}{More}", EventName = "Stalled")]
    private static partial void Stalled(ILogger logger, EndPoint? peer, TimeSpan time, string more);

    public void Stalled(EndPoint? peer, TimeSpan time)
    {
        if (_stalled.IsDue(out var more))
        {
            Stalled(logger, peer, time, more);
        }
    }

    public void Listening(IPEndPoint endPoint) => Listening(logger, endPoint);

    public void TooManyConnections(EndPoint? peer, int most)
    {
        if (_tooMany.IsDue(out var more))
        {
            TooManyConnections(logger, peer, most, more);
        }
    }

    public void Closed(EndPoint? peer, string reason)
    {
        if (_closed.IsDue(out var more))
        {
            Closed(logger, peer, reason, more);
        }
    }

    public void BatchFailed(Exception error) => BatchFailed(logger, error);

    /// <summary>Each kind of failure by itself, so that one which comes often does not hide another.</summary>
    public void ConnectionFailed(Exception error)
    {
        if (_failures.GetOrAdd(error.GetType(), static (_, time) => new SparseWarning(time), time).IsDue(out var more))
        {
            ConnectionFailed(logger, error, more);
        }
    }

    public void TokenRefused(EndPoint? peer, int failures, int most)
    {
        if (_tokens.IsDue(out var more))
        {
            TokenRefused(logger, peer, failures, most, more);
        }
    }

    public void HandshakeFailed(EndPoint? peer)
    {
        if (_handshakes.IsDue(out var more))
        {
            HandshakeFailed(logger, peer, more);
        }
    }

    public void BrokerUnavailable(string reason)
    {
        if (_unavailable.IsDue(out var more))
        {
            BrokerUnavailable(logger, reason, more);
        }
    }
}
