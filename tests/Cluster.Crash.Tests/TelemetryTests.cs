namespace Rookery.Cluster.Crash.Tests;

/// <summary>What the programs send to a collector, as a collector gets it: OTLP over HTTP.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Silos_and_gateways_send_their_metrics_and_traces_to_the_collector_that_the_environment_names()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var cluster = await LocalCluster.StartAsync(new()
        {
            Environment = new Dictionary<string, string>(OtlpCollector.Impatient) { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address },
        });
        using var client = (await RawClient.ConnectAsync(cluster.Ports[0], "{\"confirm\":true}"))!;
        Assert.True(await client.AskAsync("pub t {\"id\":\"1\",\"msg\":\"m\"}", "ok pub t 1 1"));

        foreach (var (path, names) in new[]
        {
            ("/v1/metrics", new[]
            {
                "rookery-silo", "rookery-gateway", "service.instance.id", "rookery.log.writes", "rookery.gateway.links", "messaging.client.sent.messages",
                "db.client.operation.duration", "dotnet.gc.heap.total_allocated", "orleans-",
            }),
            ("/v1/traces", ["exchange t", "messaging.destination.name", "write log", "ITopicGrain/ExchangeAsync"]),
        })
        {
            foreach (var name in names)
            {
                await collector.ReceivedAsync(path, name);
            }
        }
    }
}
