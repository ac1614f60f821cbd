using System.Net;
using Orleans.Messaging;

namespace Rookery.Cluster.Host;

/// <summary>Where gateways find silos: in the file that says who belongs to the cluster.</summary>
internal sealed class FileGateways(FileMembership membership) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(2);

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public async Task<IList<Uri>> GetGateways() =>
    [
        .. (await membership.ReadAll()).Members.Select(one => one.Item1).Where(one => one is { Status: SiloStatus.Active, ProxyPort: > 0 })
            .Select(one => SiloAddress.New(new IPEndPoint(one.SiloAddress.Endpoint.Address, one.ProxyPort), one.SiloAddress.Generation).ToGatewayUri()),
    ];
}
