using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Rookery.Hosting;

/// <summary>
/// Metrics and traces by OTLP, to where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says; without it there are none. The other variables
/// of the OpenTelemetry specification hold too (<c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, <c>OTEL_SERVICE_NAME</c>,
/// <c>OTEL_RESOURCE_ATTRIBUTES</c>, <c>OTEL_TRACES_SAMPLER</c>, <c>OTEL_METRIC_EXPORT_INTERVAL</c>).
/// </summary>
public static class Telemetry
{
    /// <summary>The variable that turns telemetry on.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // One call in a hundred, with all it causes: each costs more than the call itself.
    private const double SampledShare = 0.01;

    private static readonly string[] Meters =
        ["Rookery.*", "Microsoft.Orleans", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>Adds telemetry to a program, where it is asked for.</summary>
    /// <param name="builder">The program.</param>
    /// <param name="service">Its <c>service.name</c>.</param>
    /// <param name="instance">Its <c>service.instance.id</c>.</param>
    public static void Add(WebApplicationBuilder builder, string service, string instance)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Configuration[Endpoint] is not { Length: > 0 })
        {
            return;
        }

        var version = Assembly.GetEntryAssembly()?.GetName().Version?.ToString(3);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(service, "rookery", version, serviceInstanceId: instance).AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics.AddMeter(Meters).AddOtlpExporter())
            .WithTracing(traces =>
            {
                traces.AddSource("Rookery.*", "Microsoft.Orleans.*").AddOtlpExporter();
                if (builder.Configuration["OTEL_TRACES_SAMPLER"] is not { Length: > 0 })
                {
                    traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(SampledShare)));
                }
            });
    }
}
