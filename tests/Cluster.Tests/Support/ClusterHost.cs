using Rookery.Broker;
using Rookery.BrokerGateway;
using Rookery.Conformance;

namespace Rookery.Cluster.Tests;

/// <summary>A cluster behind one gateway, held to the contract of a broker.</summary>
internal sealed class ClusterHost : ConformanceHost
{
    private readonly short _silos;
    private TestCluster _cluster;
    private ClusterBroker _broker;

    private ClusterHost(short silos, TestCluster cluster) => (_silos, _cluster, _broker) = (silos, cluster, cluster.NewGateway());

    public override IBroker Broker => _broker;

    public static async ValueTask<ConformanceHost> CreateAsync(short silos) => new ClusterHost(silos, await TestCluster.StartAsync(silos));

    /// <summary>All silos and the gateway end; what is left is the storage.</summary>
    public override async ValueTask RestartAsync()
    {
        await _broker.AbandonAsync();
        foreach (var silo in _cluster.Silos.Silos.ToList())
        {
            await _cluster.Silos.KillSiloAsync(silo);
        }

        await _cluster.DisposeAsync();
        _cluster = await TestCluster.StartAsync(_silos, storage: _cluster.Storage);
        _broker = _cluster.NewGateway();
    }

    public override async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await base.DisposeAsync();
    }
}
