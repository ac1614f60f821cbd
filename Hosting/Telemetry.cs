using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Rookery.Hosting;

/// <summary>
/// Metrics and traces by OTLP, to where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says; without it there are none. The other variables
/// of the OpenTelemetry specification hold too (<c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, <c>OTEL_SERVICE_NAME</c>,
/// <c>OTEL_RESOURCE_ATTRIBUTES</c>, <c>OTEL_TRACES_SAMPLER</c>, <c>OTEL_METRIC_EXPORT_INTERVAL</c>). Without a protocol, port 4318
/// is spoken to in <c>http/protobuf</c>, as the specification has it, and any other in <c>grpc</c>.
/// </summary>
public static class Telemetry
{
    /// <summary>The variable that turns telemetry on.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const int HttpPort = 4318;

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
        if (builder.Configuration[Endpoint] is not { Length: > 0 } endpoint)
        {
            return;
        }

        builder.Configuration.AddInMemoryCollection(Chosen(builder.Configuration, endpoint));
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, service, instance))
            .WithMetrics(Configure)
            .WithTracing(traces => Configure(traces, builder.Configuration));
    }

    /// <summary>Telemetry of a program that has no builder of hosts.</summary>
    /// <param name="service">Its <c>service.name</c>.</param>
    /// <param name="instance">Its <c>service.instance.id</c>.</param>
    /// <param name="endpoint">Where to send it; null: where the environment says.</param>
    /// <returns>Sends what is left and ends it, when disposed of; null where nobody asked for telemetry.</returns>
    public static IDisposable? Start(string service, string instance, Uri? endpoint = null)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        if ((endpoint?.OriginalString ?? environment[Endpoint]) is not { Length: > 0 } address)
        {
            return null;
        }

        var configuration = new ConfigurationBuilder().AddConfiguration(environment).AddInMemoryCollection(Chosen(environment, address)).Build();
        var meters = OpenTelemetry.Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton<IConfiguration>(configuration))
            .ConfigureResource(resource => Describe(resource, service, instance));
        Configure(meters);
        var traces = OpenTelemetry.Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(services => services.AddSingleton<IConfiguration>(configuration))
            .ConfigureResource(resource => Describe(resource, service, instance));
        Configure(traces, configuration);
        return new Providers(meters.Build(), traces.Build());
    }

    private static Dictionary<string, string?> Chosen(IConfiguration configuration, string endpoint)
    {
        var chosen = new Dictionary<string, string?> { [Endpoint] = endpoint };
        if (configuration[Protocol] is not { Length: > 0 } && Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Port == HttpPort)
        {
            chosen[Protocol] = "http/protobuf";
        }

        return chosen;
    }

    private static void Describe(ResourceBuilder resource, string service, string instance) => resource
        .AddService(service, "rookery", Assembly.GetEntryAssembly()?.GetName().Version?.ToString(3), serviceInstanceId: instance)
        .AddEnvironmentVariableDetector();

    private static void Configure(MeterProviderBuilder metrics) => metrics.AddMeter(Meters).AddOtlpExporter();

    private static void Configure(TracerProviderBuilder traces, IConfiguration configuration)
    {
        traces.AddSource("Rookery.*", "Microsoft.Orleans.*").AddOtlpExporter();
        if (configuration["OTEL_TRACES_SAMPLER"] is not { Length: > 0 })
        {
            traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(SampledShare)));
        }
    }

    private sealed class Providers(MeterProvider meters, TracerProvider traces) : IDisposable
    {
        // What ends must not wait long for a collector that is away.
        private const int PatienceMs = 2_000;

        public void Dispose()
        {
            traces.Shutdown(PatienceMs);
            meters.Shutdown(PatienceMs);
            traces.Dispose();
            meters.Dispose();
        }
    }
}
