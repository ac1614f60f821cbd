using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Providers.MongoDB.Configuration;

namespace Rookery.BrokerGateway;

/// <summary>Sets up the Orleans client: where silos are found, and what happens while none can be.</summary>
internal static class ClusterClientSetup
{
    /// <param name="client">The client.</param>
    /// <param name="settings">How the gateway is set up.</param>
    /// <param name="find">Says where silos are found; null: as the settings say.</param>
    public static void Configure(IClientBuilder client, GatewaySettings settings, Action<IClientBuilder>? find)
    {
        client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (settings.Cluster, settings.Cluster));
        client.AddActivityPropagation();
        if (find is not null)
        {
            find(client);
        }
        else if (settings.Silos.Length > 0)
        {
            client.UseStaticClustering(settings.Silos);
        }
        else
        {
            client.UseMongoDBClient(settings.MongoDb);
            client.UseMongoDBClustering(gateways =>
            {
                gateways.Strategy = MongoDBMembershipStrategy.SingleDocument;
                gateways.DatabaseName = settings.Database;
            });
        }

        client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(5));

        // A silo that stands still keeps its connections: only the list says that it is dead.
        client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
        client.Services.AddSingleton<IClientConnectionRetryFilter, RetryForEver>();
        client.AddClusterConnectionLostHandler(services => (_, _) => services.GetRequiredService<ClusterBroker>().ClusterLost());
    }

    /// <summary>A gateway may start before its cluster.</summary>
    private sealed class RetryForEver(ILogger<ClusterBroker> logger) : IClientConnectionRetryFilter
    {
        private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(5);
        private TimeSpan _delay = TimeSpan.FromMilliseconds(100);

        public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
        {
            GatewayLog.NotConnected(logger, _delay, exception.Message);
            await Task.Delay(_delay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _delay = TimeSpan.FromTicks(Math.Min(_delay.Ticks * 2, MaxDelay.Ticks));
            return !cancellationToken.IsCancellationRequested;
        }
    }
}
