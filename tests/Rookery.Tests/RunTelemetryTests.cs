using Rookery.Client;
using Rookery.Tests;

namespace Rookery.Command.Tests;

/// <summary>What a whole run sends to a collector, as a collector gets it: OTLP over HTTP.</summary>
public sealed class RunTelemetryTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-").FullName;

    [Fact]
    public async Task A_run_sends_its_metrics_and_one_trace_from_the_stream_to_the_subscriber()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var run = RookeryProcess.Start(
            [], "rookery.dll", OtlpCollector.Impatient,
            "run", "--data", _data, "--broker-port", "0", "--viewer-port", "0", "--feed-port", "0", "--rate", "20", "--otlp-endpoint", collector.Address);
        var port = await run.PortAsync("broker on ");
        await using var client = await RookeryClient.ConnectAsync(new() { Port = port });
        await client.SubscribeAsync("tweets", new SubscribeOptions { Window = 65_536 });

        foreach (var name in new[] { "rookery", "service.instance.id", "rookery.pipeline.scored", "rookery.journal.syncs", "messaging.client.sent.messages", "messaging.client.operation.duration", "dotnet.gc.heap.total_allocated" })
        {
            await collector.ReceivedAsync("/v1/metrics", name);
        }

        await collector.ReceivedAsync("/v1/traces", "messaging.destination.name");
        await collector.SpansAsync(spans => spans.Any(span => span.Name == "deliver tweets" && IsWhole(spans, span)), "a trace from the stream to the subscriber");
    }

    [Fact]
    public async Task An_event_published_over_HTTP_is_followed_to_its_subscriber_in_the_trace_of_who_sent_it()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var run = RookeryProcess.Start(
            [], "rookery.dll", new(OtlpCollector.Impatient) { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address },
            "run", "--data", _data, "--broker-port", "0", "--no-tweets");
        var port = await run.PortAsync("broker on ");
        await using var client = await RookeryClient.ConnectAsync(new() { Port = port });
        await client.SubscribeAsync("news");
        var page = (await run.LineAsync(l => l.StartsWith("page on ", StringComparison.Ordinal))).Split(' ')[2];
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{page}api/topics/news/events")
        {
            Content = new StringContent("""{"id":"1","msg":"hello"}""", null, "application/json"),
            Headers = { { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } },
        };
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();

        await collector.SpansAsync(
            spans => spans.Contains(new OtlpSpan("deliver news", "0af7651916cd43dd8448eb211c80319c", spans.FirstOrDefault(s => s.Name == "deliver news")?.Id ?? "", "b7ad6b7169203331")),
            "the delivery in the sender's trace");
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    /// <summary>delivered under published under stored under the block, which was read and scored.</summary>
    private static bool IsWhole(IReadOnlyList<OtlpSpan> spans, OtlpSpan delivered)
    {
        var above = new List<string>();
        var span = delivered;
        while (spans.FirstOrDefault(s => s.Id == span.Parent && s.Trace == span.Trace) is { } parent)
        {
            above.Add((span = parent).Name);
        }

        return above is ["publish tweets", "store tweets", "process tweets"] && span.Parent.Length == 0
            && new[] { "read tweets", "score tweets" }.All(name => spans.Any(s => s.Name == name && s.Parent == span.Id));
    }
}
