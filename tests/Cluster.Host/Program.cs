using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Storage;
using Rookery.BrokerGateway;
using Rookery.Grains;
using Rookery.Hosting;
using Rookery.Silo;

namespace Rookery.Cluster.Host;

/// <summary>
/// The silo, or with ROOKERY_TEST_ROLE=gateway the gateway, as it is shipped, but for where it keeps and finds things: who
/// belongs to the cluster, and what grains store, are files in the folder that ROOKERY_TEST_FOLDER names. The processes of one
/// machine share it, and it outlives them, so a test can kill any without a MongoDB server. Without the variable they are in MongoDB, as
/// they are for everybody.
/// </summary>
internal static class Program
{
    public static Task<int> Main(string[] args) =>
        ClusterProgram.RunAsync(
            "cluster-host", args, static settings => ClusterProgram.PlaceOf(settings, 8081, "http"),
            Environment.GetEnvironmentVariable("ROOKERY_TEST_ROLE") == "gateway" ? Gateway : Silo);

    private static string? Folder => Environment.GetEnvironmentVariable("ROOKERY_TEST_FOLDER");

    private static FileMembership Membership(string folder) => new(Path.Combine(folder, "membership.json"));

    private static WebApplication Silo(Settings settings)
    {
        var read = SiloSettings.Read(settings);
        return Rookery.Silo.Program.Build(read, Folder is not { } folder ? null : silo =>
        {
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (read.Cluster, read.Cluster));
            silo.ConfigureEndpoints(read.Address, read.SiloPort, read.GatewayPort, listenOnAnyHostAddress: false);
            silo.Services.AddSingleton<IMembershipTable>(Membership(folder));
            silo.Services.AddKeyedSingleton<IGrainStorage>(TopicOptions.Storage, new FileStorage(Path.Combine(folder, "records")));
        });
    }

    private static WebApplication Gateway(Settings settings) => Rookery.BrokerGateway.Program.Build(
        GatewaySettings.Read(settings), Folder is not { } folder ? null : client => client.Services.AddSingleton<IGatewayListProvider>(new FileGateways(Membership(folder))));
}
