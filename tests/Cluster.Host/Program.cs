using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;
using Rookery.Grains;
using Rookery.Hosting;
using Rookery.Silo;

namespace Rookery.Cluster.Host;

/// <summary>
/// The silo as it is shipped, but for where it keeps things: who belongs to the cluster, and what grains store, are files in
/// the folder that ROOKERY_TEST_FOLDER names. Silos of one machine share it, and it outlives them, so a test can kill any
/// without a MongoDB server.
/// </summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => ClusterProgram.RunAsync("cluster-host", 8081, args, static settings => Build(SiloSettings.Read(settings)));

    private static WebApplication Build(SiloSettings settings)
    {
        var folder = Environment.GetEnvironmentVariable("ROOKERY_TEST_FOLDER") ?? throw new FormatException("ROOKERY_TEST_FOLDER is not set");
        return Silo.Program.Build(settings, silo =>
        {
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (settings.Cluster, settings.Cluster));
            silo.ConfigureEndpoints(settings.Address, settings.SiloPort, settings.GatewayPort, listenOnAnyHostAddress: false);
            silo.Services.AddSingleton<IMembershipTable>(new FileMembership(Path.Combine(folder, "membership.json")));
            silo.Services.AddKeyedSingleton<IGrainStorage>(TopicOptions.Storage, new FileStorage(Path.Combine(folder, "records")));
        });
    }
}
