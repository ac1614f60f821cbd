using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Rookery.BrokerGateway;
using Rookery.Hosting;
using Rookery.Silo;

namespace Rookery.Cluster.Bench;

/// <summary>Silos and a gateway in this process, as the programs build them, so that what they count can be read.</summary>
internal sealed class Nodes : IAsyncDisposable
{
    private readonly List<WebApplication> _programs = [];

    /// <summary>Where clients connect to.</summary>
    public int Port { get; private set; }

    /// <param name="silos">Silos there are to be.</param>
    /// <param name="mongoDb">Connection string of a server; null: in memory.</param>
    /// <param name="more">More settings of the silos.</param>
    /// <param name="keep">Sets up membership and storage otherwise, without a gateway; null: as the settings say.</param>
    public static async Task<Nodes> StartAsync(int silos, string? mongoDb, string[]? more = null, Action<ISiloBuilder, int, int>? keep = null)
    {
        var nodes = new Nodes();
        var name = $"bench_{Guid.NewGuid():N}"[..20];
        string[] common = mongoDb is null ? ["--cluster", name] : ["--cluster", name, "--database", name, "--mongodb", mongoDb];
        var entrances = new List<string>();
        int? primary = null;
        for (var i = 0; i < silos; i++)
        {
            var (port, entrance) = (FreePort(), FreePort());
            string[] where = mongoDb is not null ? [] : primary is null ? ["--storage", "memory"] : ["--storage", "memory", "--primary", $"127.0.0.1:{primary}"];
            await nodes.StartAsync(Silo.Program.Build(SiloSettings.Read(new Settings(
                [.. common, .. where, "--silo-port", $"{port}", "--gateway-port", $"{entrance}", "--http-port", "0", "--drain-seconds", "5", .. more ?? []], _ => null)),
                keep is null ? null : silo => keep(silo, port, entrance))).ConfigureAwait(false);
            primary ??= port;
            entrances.Add($"127.0.0.1:{entrance}");
        }

        if (keep is not null)
        {
            return nodes;
        }

        var gateway = BrokerGateway.Program.Build(GatewaySettings.Read(new Settings(
            [.. common, "--silos", string.Join(',', entrances), "--port", "0", "--http-port", "0"], _ => null)));
        await nodes.StartAsync(gateway).ConfigureAwait(false);
        nodes.Port = gateway.Services.GetRequiredService<WireService>().EndPoint.Port;
        return nodes;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in Enumerable.Reverse(_programs))
        {
            await program.StopAsync().ConfigureAwait(false);
            await program.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task StartAsync(WebApplication program)
    {
        _programs.Add(program);
        await program.StartAsync().ConfigureAwait(false);
    }
}
