using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;
using Rookery.Broker;
using Rookery.BrokerGateway;
using Rookery.Grains;
using Rookery.Grains.Interfaces;

namespace Rookery.Cluster.Tests;

/// <summary>Silos in this process over one storage, with as many gateways as a test wants.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly ConcurrentBag<ClusterBroker> _brokers = [];

    private TestCluster(InProcessTestCluster cluster, SharedStorage storage) => (_cluster, Storage) = (cluster, storage);

    public SharedStorage Storage { get; }

    public InProcessTestCluster Silos => _cluster;

    public static TopicOptions Options { get; } = new()
    {
        GatewayLease = TimeSpan.FromSeconds(3),
        PollTime = TimeSpan.FromSeconds(0.5),
    };

    public static ClusterBrokerOptions GatewayOptions { get; } = new()
    {
        CallTimeout = TimeSpan.FromSeconds(8),
        AttemptTimeout = TimeSpan.FromSeconds(1),
        PullTimeout = TimeSpan.FromSeconds(2),
        RenewEvery = TimeSpan.FromSeconds(0.5),
    };

    public static async Task<TestCluster> StartAsync(
        short silos = 1,
        TopicOptions? options = null,
        SharedStorage? storage = null,
        IGrainStorage? other = null,
        TimeProvider? time = null,
        Action<ISiloBuilder>? more = null)
    {
        storage ??= new SharedStorage();
        var builder = new InProcessTestClusterBuilder(silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureHost(host =>
        {
            host.Logging.ClearProviders();
            if (Environment.GetEnvironmentVariable("ROOKERY_TEST_LOG") is { Length: > 0 } path)
            {
                host.Logging.AddProvider(new FileLog(path));
            }
        });
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddTopics(options ?? Options);
            if (time is not null)
            {
                silo.Services.AddSingleton(services => new TopicServices(
                    options ?? Options, services.GetRequiredKeyedService<IGrainStorage>(TopicOptions.Storage),
                    services.GetRequiredService<ILogger<TopicServices>>(), time));
            }

            silo.Services.AddKeyedSingleton<IGrainStorage>(TopicOptions.Storage, other ?? storage);
            more?.Invoke(silo);
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.NumMissedProbesLimit = 2;
                membership.NumVotesForDeathDeclaration = 1;
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(2);
            });
            silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = messaging.SystemResponseTimeout = TimeSpan.FromSeconds(5));
        });
        builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(5)));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new TestCluster(cluster, storage);
    }

    /// <summary>Another gateway.</summary>
    public ClusterBroker NewGateway(ClusterBrokerOptions? options = null)
    {
        var logs = Environment.GetEnvironmentVariable("ROOKERY_TEST_LOG") is { Length: > 0 } path
            ? LoggerFactory.Create(logging => logging.AddProvider(new FileLog(path)))
            : NullLoggerFactory.Instance;
        var broker = new ClusterBroker(_cluster.Client, options ?? GatewayOptions, TimeProvider.System, logs);
        _brokers.Add(broker);
        return broker;
    }

    public ITopicGrain Topic(string name) => _cluster.Client.GetGrain<ITopicGrain>(name);

    /// <summary>The silo that has a topic.</summary>
    public InProcessSiloHandle SiloOf(string topic) =>
        _cluster.TryGetGrainContext(Topic(topic).GetGrainId(), out var context)
            ? _cluster.GetSiloForAddress(context.Address.SiloAddress!)!
            : throw new InvalidOperationException($"no silo has topic {topic}");

    /// <summary>Ends a topic's activation, gracefully.</summary>
    public Task DeactivateAsync(string topic) => _cluster.DeactivateAsync(Topic(topic).GetGrainId());

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _brokers)
        {
            await broker.AbandonAsync();
        }

        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }
}

/// <summary>What a gateway says, where it can.</summary>
internal static class GatewayAnswers
{
    /// <summary>What there is to know of a topic; null: nothing, or not at present.</summary>
    public static async Task<TopicStats?> StatsAsync(this ClusterBroker broker, string topic = "t")
    {
        try
        {
            return await broker.GetTopicAsync(TopicName.Parse(topic), CancellationToken.None);
        }
        catch (BrokerUnavailableException)
        {
            return null;
        }
    }
}
