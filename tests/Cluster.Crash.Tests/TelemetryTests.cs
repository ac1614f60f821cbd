using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Rookery.Cluster.Crash.Tests;

/// <summary>What the programs send to a collector, as a collector gets it: OTLP over HTTP.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Silos_and_gateways_send_their_metrics_and_traces_to_the_collector_that_the_environment_names()
    {
        var received = new ConcurrentDictionary<string, ConcurrentQueue<byte[]>>();
        await using var collector = await CollectAsync(received);
        await using var cluster = await LocalCluster.StartAsync(new()
        {
            Environment = new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
                ["OTEL_TRACES_SAMPLER"] = "always_on",
            },
        });
        using var client = (await RawClient.ConnectAsync(cluster.Ports[0], "{\"confirm\":true}"))!;
        Assert.True(await client.AskAsync("pub t {\"id\":\"1\",\"msg\":\"m\"}", "ok pub t 1 1"));

        // Protocol buffers hold texts as they are, so a name is there if its bytes are.
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
                await ReceivedAsync(received, path, name);
            }
        }
    }

    private static async Task<WebApplication> CollectAsync(ConcurrentDictionary<string, ConcurrentQueue<byte[]>> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = builder.Build();
        collector.MapPost("/v1/{what}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.GetOrAdd(request.Path, _ => []).Enqueue(body.ToArray());
        });
        await collector.StartAsync();
        return collector;
    }

    private static async Task ReceivedAsync(ConcurrentDictionary<string, ConcurrentQueue<byte[]>> received, string path, string name)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(name);
        await Eventually.HoldsAsync(
            () => received.TryGetValue(path, out var bodies) && bodies.Any(body => body.AsSpan().IndexOf(bytes) >= 0), () => $"{name} never came to {path}");
    }
}
