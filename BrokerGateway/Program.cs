using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;

namespace Rookery.BrokerGateway;

/// <summary>The process that clients of the line protocol connect to.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            await using var app = Build(GatewaySettings.Read(new Settings(args, Environment.GetEnvironmentVariable)));
            await app.RunAsync().ConfigureAwait(false);
            return 0;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or IOException)
        {
            await Console.Error.WriteLineAsync($"rookery-gateway: {exception.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    internal static WebApplication Build(GatewaySettings settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(settings.Http));

        // First the client, then what serves over it; they end the other way round.
        builder.UseOrleansClient(client => ClusterClientSetup.Configure(client, settings));
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(services => new ClusterBroker(
            services.GetRequiredService<IGrainFactory>(), settings.Broker, TimeProvider.System, services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton<WireService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WireService>());
        var app = builder.Build();
        app.MapGet("/health/live", () => Results.Text("live\n"));
        app.MapGet("/health/ready", (WireService wire, ClusterBroker broker) => wire.IsServing && broker.IsReachable
            ? Results.Text("ready\n")
            : Results.Text("no cluster\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        return app;
    }
}
