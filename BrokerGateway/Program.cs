using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rookery.Hosting;
using Rookery.Wire;

namespace Rookery.BrokerGateway;

/// <summary>The process that clients of the line protocol connect to.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) =>
        ClusterProgram.RunAsync("rookery-gateway", args, GatewaySettings.HealthOf, static settings => Build(GatewaySettings.Read(settings)));

    /// <param name="settings">How it is set up.</param>
    /// <param name="find">Says where silos are found; null: as the settings say.</param>
    internal static WebApplication Build(GatewaySettings settings, Action<IClientBuilder>? find = null)
    {
        var metrics = new MetricsCollector();
        var builder = ClusterProgram.CreateBuilder("rookery-gateway", settings.Http, kestrel => HttpServer.Limit(kestrel, settings.HttpOptions));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.DrainTime);

        // First the client, then what serves over it; they end the other way round.
        builder.UseOrleansClient(client => ClusterClientSetup.Configure(client, settings, find));
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(services => new ClusterBroker(
            services.GetRequiredService<IGrainFactory>(), settings.Broker, TimeProvider.System, services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton(services => new Probe(services.GetRequiredService<ClusterBroker>().WhyNotReadyAsync, "the cluster", TimeProvider.System));
        builder.Services.AddSingleton(_ => metrics);
        builder.Services.AddSingleton(services => new HttpServer(
            services.GetRequiredService<ClusterBroker>(), settings.HttpOptions, [], services.GetRequiredService<MetricsCollector>(), TimeProvider.System,
            services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton<WireService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WireService>());
        var app = builder.Build();
        app.Services.GetRequiredService<HttpServer>().MountOn(app);
        app.MapHealth(static async services =>
            services.GetRequiredService<WireService>().IsServing ? await services.GetRequiredService<Probe>().AskAsync().ConfigureAwait(false) : "clients are not served");
        return app;
    }
}
