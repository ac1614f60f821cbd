using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using MongoDB.Driver;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Providers.MongoDB.Configuration;
using Orleans.Providers.MongoDB.StorageProviders.Serializers;
using Orleans.Storage;
using Rookery.Grains;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>Sets up Orleans: who belongs to the cluster, where state is kept, how soon the dead are noticed.</summary>
internal static class SiloSetup
{
    /// <param name="silo">The silo.</param>
    /// <param name="settings">How it is set up.</param>
    /// <param name="keep">Sets up membership and storage; null: as the settings say.</param>
    public static void Configure(ISiloBuilder silo, SiloSettings settings, Action<ISiloBuilder>? keep)
    {
        silo.Services.AddTopics(settings.Topics);
        silo.Services.AddSingleton(new EventStreamOptions());
        silo.Services.AddSingleton<IEventStream, LaunchDarklyEventStream>();
        silo.AddDashboard();
        silo.AddActivityPropagation();
        if (keep is not null)
        {
            keep(silo);
        }
        else if (settings.InMemory)
        {
            KeepInMemory(silo, settings);
        }
        else
        {
            KeepInMongoDb(silo, settings);
        }

        PipelineSetup.Configure(silo, settings);

        // The death of a silo is noticed within about two probes; with the runtime's defaults it takes 15 to 30 s.
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = settings.ProbeTime;
            membership.NumMissedProbesLimit = 2;

            // Two silos have to miss it (the runtime asks for fewer where there are fewer), each for itself: one that is slow itself buries
            // nobody. Probes through another silo would be the second opinion otherwise, but a silo that keeps its connections and
            // does not answer costs whoever asks the same time as whoever is asked, so that the answer comes too late and counts as none.
            membership.NumVotesForDeathDeclaration = 2;
            membership.DeathVoteExpirationTimeout = TimeSpan.FromSeconds(30);
            membership.EnableIndirectProbes = false;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
        silo.Configure<SiloMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = TimeSpan.FromSeconds(5);
            messaging.SystemResponseTimeout = TimeSpan.FromSeconds(5);

            // Beyond that a caller is told at once that the grain is overloaded; stateless workers have a queue per worker.
            messaging.MaxEnqueuedRequestsSoftLimit = settings.MaxQueued / 2;
            messaging.MaxEnqueuedRequestsHardLimit = settings.MaxQueued;
            messaging.MaxEnqueuedRequestsSoftLimit_StatelessWorker = settings.MaxQueuedPerWorker / 2;
            messaging.MaxEnqueuedRequestsHardLimit_StatelessWorker = settings.MaxQueuedPerWorker;
        });
        silo.Configure<LoadSheddingOptions>(shedding =>
        {
            shedding.LoadSheddingEnabled = settings.ShedAbove is not null;
            shedding.CpuThreshold = shedding.MemoryThreshold = settings.ShedAbove ?? 95;
        });
    }

    private static void KeepInMemory(ISiloBuilder silo, SiloSettings settings)
    {
        silo.UseLocalhostClustering(settings.SiloPort, settings.GatewayPort, settings.Primary, settings.Cluster, settings.Cluster);
        var primary = settings.Primary ?? new IPEndPoint(IPAddress.Loopback, settings.SiloPort);

        // Without the first silo every operation fails, and its caller says so; the runtime would say it twenty times a second, with stacks.
        silo.Services.AddLogging(logging => logging.AddFilter("Orleans.Messaging", LogLevel.Critical));
        silo.AddPlacementDirector<PrimaryPlacement>(_ => new PrimaryPlacementDirector(primary));
        silo.Services.AddSingleton<MemoryRecordStore>().AddKeyedSingleton<IGrainStorage>(
            TopicOptions.Storage, static (services, _) => new MemoryRecords(services.GetRequiredService<IGrainFactory>()));
    }

    private static void KeepInMongoDb(ISiloBuilder silo, SiloSettings settings)
    {
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (settings.Cluster, settings.Cluster));
        silo.ConfigureEndpoints(settings.Address, settings.SiloPort, settings.GatewayPort, listenOnAnyHostAddress: false);
        silo.UseMongoDBClient(settings.MongoDb);
        silo.UseMongoDBClustering(membership =>
        {
            // The other strategies need transactions.
            membership.Strategy = MongoDBMembershipStrategy.SingleDocument;
            membership.DatabaseName = settings.Database;
        });
        KeepTweetsInMongoDb(silo.Services, settings);
        silo.AddMongoDBGrainStorage(TopicOptions.Storage, storage =>
        {
            storage.DatabaseName = settings.Database;
            storage.CollectionPrefix = "rookery_";
            storage.GrainStateSerializer = new BsonGrainStateSerializer();

            // What is confirmed is on the disks of a majority.
            storage.CollectionConfigurator = static collection =>
            {
                collection.WriteConcern = WriteConcern.WMajority.With(journal: true);
                collection.ReadConcern = ReadConcern.Majority;
                collection.ReadPreference = ReadPreference.Primary;
            };
        });
    }

    private static void KeepTweetsInMongoDb(IServiceCollection services, SiloSettings settings)
    {
        var client = MongoClientSettings.FromConnectionString(settings.MongoDb);
        client.ApplicationName ??= "rookery-silo";
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings.Tweets);
        services.AddSingleton<IMongoClient>(_ => new MongoClient(client));
        services.AddSingleton<MongoTweets>();
        services.AddSingleton<ITweetCollection, MongoTweetCollection>();
        services.AddSingleton<IUserCollection, MongoUserCollection>();
        services.AddSingleton<IChangeSource, MongoChangeSource>();
        services.AddHostedService<MongoRetention>();
        services.AddChangeFeed();
    }
}
