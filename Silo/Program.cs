using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Dashboard;
using Rookery.Hosting;

namespace Rookery.Silo;

/// <summary>A node of the cluster: topics live here.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) =>
        ClusterProgram.RunAsync(
            "rookery-silo", args, static settings => ClusterProgram.PlaceOf(settings, 8081, "http"), static settings => Build(SiloSettings.Read(settings)));

    /// <param name="settings">How it is set up.</param>
    /// <param name="keep">Sets up membership and storage; null: as the settings say.</param>
    internal static WebApplication Build(SiloSettings settings, Action<ISiloBuilder>? keep = null)
    {
        var builder = ClusterProgram.CreateBuilder("rookery-silo", settings.Http);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.DrainTime);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<StorageProbe>();
        builder.UseOrleans(silo => SiloSetup.Configure(silo, settings, keep));
        var app = builder.Build();
        if (settings.DashboardToken is { Length: > 0 } token)
        {
            app.UseMiddleware<DashboardGuard>(token);
        }

        app.MapOrleansDashboard("/dashboard");
        app.MapPipeline(settings);
        app.MapHealth(static async services => services.GetRequiredService<ISiloStatusOracle>().CurrentStatus is not SiloStatus.Active and var status
            ? $"{status}"
            : await services.GetRequiredService<StorageProbe>().AskAsync().ConfigureAwait(false));
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Rookery.Silo");
        if (settings.InMemory && keep is null)
        {
            SiloLog.InMemory(logger);
        }

        app.Lifetime.ApplicationStarted.Register(() =>
            SiloLog.Started(logger, $"{settings.Address}:{settings.SiloPort}", settings.Cluster, string.Join(' ', app.Urls)));
        return app;
    }
}
