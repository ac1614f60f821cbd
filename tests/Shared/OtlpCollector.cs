using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Rookery.Tests;

/// <summary>A collector of telemetry as programs know it: OTLP over HTTP, in protocol buffers.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();
    private readonly WebApplication _app;

    private OtlpCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/v1/{what}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _received.Enqueue((request.Path, body.ToArray()));
        });
    }

    public string Address => _app.Urls.Single();

    /// <summary>What makes a program send soon, and everything.</summary>
    public static Dictionary<string, string> Impatient { get; } = new()
    {
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_TRACES_SAMPLER"] = "always_on",
    };

    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>Waits until a text came: protocol buffers hold texts as they are, so a name is there if its bytes are.</summary>
    /// <param name="path"><c>/v1/metrics</c> or <c>/v1/traces</c>.</param>
    /// <param name="text">The text.</param>
    public Task ReceivedAsync(string path, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return UntilAsync(() => _received.Any(r => r.Path == path && r.Body.AsSpan().IndexOf(bytes) >= 0), $"{text} at {path}");
    }

    /// <summary>Waits until the spans that came are as wanted.</summary>
    public Task SpansAsync(Func<IReadOnlyList<OtlpSpan>, bool> wanted, string what) =>
        UntilAsync(() => wanted([.. _received.Where(r => r.Path == "/v1/traces").SelectMany(r => OtlpSpan.Read(r.Body))]), what);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!holds())
        {
            Assert.False(deadline.IsCancellationRequested, $"{what} never came");
            await Task.Delay(100, CancellationToken.None);
        }
    }
}

/// <summary>A span as it was sent.</summary>
internal sealed record OtlpSpan(string Name, string Trace, string Id, string Parent)
{
    /// <summary>The spans of an <c>ExportTraceServiceRequest</c>: resource_spans (1), scope_spans (2), spans (2).</summary>
    public static IEnumerable<OtlpSpan> Read(byte[] request) =>
        from resource in Fields(request, 1)
        from scope in Fields(resource, 2)
        from span in Fields(scope, 2)
        select new OtlpSpan(
            Encoding.UTF8.GetString(Fields(span, 5).Single()), Hex(Fields(span, 1)), Hex(Fields(span, 2)), Hex(Fields(span, 4)));

    private static string Hex(List<byte[]> bytes) => bytes.Count == 0 ? "" : Convert.ToHexStringLower(bytes[0]);

    /// <summary>The fields with a length, of a message, that have this number.</summary>
    private static List<byte[]> Fields(byte[] message, ulong wanted)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var key = Number(message, ref at);
            switch (key & 7)
            {
                case 0:
                    Number(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    var length = (int)Number(message, ref at);
                    if (key >> 3 == wanted)
                    {
                        found.Add(message[at..(at + length)]);
                    }

                    at += length;
                    break;
            }
        }

        return found;
    }

    private static ulong Number(byte[] message, ref int at)
    {
        var number = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return number;
            }
        }
    }
}
