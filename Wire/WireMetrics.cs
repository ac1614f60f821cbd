using System.Diagnostics.Metrics;

namespace Rookery.Wire;

/// <summary>What the wire counts: meter <c>Rookery.Wire</c>.</summary>
internal static class WireMetrics
{
    private static readonly Meter Meter = new("Rookery.Wire");

    public static readonly UpDownCounter<int> Connections = Meter.CreateUpDownCounter<int>("rookery.wire.connections");
    public static readonly Counter<long> ConnectionsRefused = Meter.CreateCounter<long>("rookery.wire.connections.refused");
    public static readonly Counter<long> Commands = Meter.CreateCounter<long>("rookery.wire.commands");
    public static readonly Counter<long> Errors = Meter.CreateCounter<long>("rookery.wire.errors");
    public static readonly Counter<long> UnknownOutcomes = Meter.CreateCounter<long>("rookery.wire.unknown_outcomes");
    public static readonly Counter<long> LinesTooLong = Meter.CreateCounter<long>("rookery.wire.lines_too_long");
    public static readonly Counter<long> BytesIn = Meter.CreateCounter<long>("rookery.wire.bytes_in", "By");
    public static readonly Counter<long> BytesOut = Meter.CreateCounter<long>("rookery.wire.bytes_out", "By");
    public static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("rookery.wire.deliveries");
    public static readonly Counter<long> InputPauses = Meter.CreateCounter<long>("rookery.wire.input_pauses");
    public static readonly Counter<long> OutputPauses = Meter.CreateCounter<long>("rookery.wire.output_pauses");
    public static readonly Counter<long> Idle = Meter.CreateCounter<long>("rookery.wire.idle_closed");
    public static readonly Counter<long> Stalled = Meter.CreateCounter<long>("rookery.wire.stalled_closed");
    public static readonly Counter<long> TakenOver = Meter.CreateCounter<long>("rookery.wire.taken_over");
    public static readonly Counter<long> SubscriptionsDropped = Meter.CreateCounter<long>("rookery.wire.subscriptions_dropped");
    public static readonly Counter<long> AttemptsFailed = Meter.CreateCounter<long>("rookery.wire.attempts.failed");
    public static readonly Counter<long> AttemptsBlocked = Meter.CreateCounter<long>("rookery.wire.attempts.blocked");
    public static readonly Counter<long> NotAllowed = Meter.CreateCounter<long>("rookery.wire.not_allowed");
    public static readonly Counter<long> TokensLate = Meter.CreateCounter<long>("rookery.wire.tokens_late");
    public static readonly Counter<long> HandshakesFailed = Meter.CreateCounter<long>("rookery.wire.handshakes.failed");
    public static readonly Counter<long> ViewerSkipped = Meter.CreateCounter<long>("rookery.wire.viewers.skipped");
    public static readonly Counter<long> HttpRequests = Meter.CreateCounter<long>("rookery.http.requests");
    public static readonly Counter<long> HttpErrors = Meter.CreateCounter<long>("rookery.http.errors");
    public static readonly Counter<long> HttpForeign = Meter.CreateCounter<long>("rookery.http.foreign_refused");
    public static readonly Counter<long> HttpStalled = Meter.CreateCounter<long>("rookery.http.stalled_closed");
    public static readonly UpDownCounter<int> HttpStreams = Meter.CreateUpDownCounter<int>("rookery.http.subscriptions");
    public static readonly UpDownCounter<int> Viewers = Meter.CreateUpDownCounter<int>("rookery.wire.viewers");
}
