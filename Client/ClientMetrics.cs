using System.Diagnostics.Metrics;

namespace Rookery.Client;

/// <summary>What all clients of a process count; meter <c>Rookery.Client</c>.</summary>
internal static class ClientMetrics
{
    private static readonly Meter Meter = new("Rookery.Client");

    public static readonly Counter<long> Published = Meter.CreateCounter<long>("rookery.client.published", "{event}", "Events confirmed by the broker");
    public static readonly Counter<long> Received = Meter.CreateCounter<long>("rookery.client.received", "{event}", "Events received");
    public static readonly Counter<long> Suppressed = Meter.CreateCounter<long>("rookery.client.suppressed", "{event}", "Events delivered again while their acknowledgement was on its way");
    public static readonly Counter<long> Lapsed = Meter.CreateCounter<long>("rookery.client.lapsed", "{event}", "Events received whose lease ended before the consumer took them");
    public static readonly Counter<long> Unasked = Meter.CreateCounter<long>("rookery.client.unasked", "{line}", "Lines that belonged to no command and no subscription");
    public static readonly Counter<long> AcksRepeated = Meter.CreateCounter<long>("rookery.client.acks_repeated", "{event}", "Acknowledgements the broker could not take at once");
    public static readonly Counter<long> ConnectionsLost = Meter.CreateCounter<long>("rookery.client.connections_lost", "{connection}", "Connections lost");
    public static readonly Counter<long> ConnectsFailed = Meter.CreateCounter<long>("rookery.client.connects_failed", "{attempt}", "Attempts to reconnect that failed");
    public static readonly Counter<long> CommandsRepeated = Meter.CreateCounter<long>("rookery.client.commands_repeated", "{command}", "Commands sent again after a reconnect");
}
