using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Dashboard;
using Rookery.Grains.Interfaces;

namespace Rookery.Silo;

/// <summary>A node of the cluster: topics live here.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            await using var app = Build(SiloSettings.Read(new Settings(args, Environment.GetEnvironmentVariable)));
            await app.RunAsync().ConfigureAwait(false);
            return 0;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or IOException)
        {
            await Console.Error.WriteLineAsync($"rookery-silo: {exception.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    internal static WebApplication Build(SiloSettings settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.DrainTime);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(settings.Http));
        builder.UseOrleans(silo => SiloSetup.Configure(silo, settings));
        var app = builder.Build();
        if (settings.DashboardToken is { Length: > 0 } token)
        {
            app.UseMiddleware<DashboardGuard>(token);
        }

        app.MapOrleansDashboard("/dashboard");

        // Alive means that this process answers; whether storage does is no reason to restart it.
        app.MapGet("/health/live", () => Results.Text("live\n"));
        app.MapGet("/health/ready", (ISiloStatusOracle silos, IHostApplicationLifetime life) =>
            silos.CurrentStatus == SiloStatus.Active && !life.ApplicationStopping.IsCancellationRequested
                ? Results.Text("ready\n")
                : Results.Text($"{silos.CurrentStatus}\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Rookery.Silo");
        if (settings.InMemory)
        {
            SiloLog.InMemory(logger);
        }

        app.Lifetime.ApplicationStarted.Register(() =>
            SiloLog.Started(logger, $"{settings.Address}:{settings.SiloPort}", settings.Cluster, string.Join(' ', app.Urls)));
        return app;
    }
}
