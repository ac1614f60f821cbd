using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Rookery.BrokerGateway;
using Rookery.Grains.Interfaces;
using Rookery.Silo;

namespace Rookery.Cluster.Tests;

/// <summary>Silos and gateways of this process, made as the programs make themselves.</summary>
internal sealed class Programs(string? mongoDb = null, string? database = null) : IAsyncDisposable
{
    private readonly string _name = database ?? $"test_{Guid.NewGuid():N}"[..20];
    private readonly List<WebApplication> _running = [];
    private readonly List<string> _entrances = [];
    private int? _primary;

    public async Task<WebApplication> StartSiloAsync(params string[] more)
    {
        var (port, entrance) = (FreePort(), FreePort());
        string[] storage = mongoDb is not null ? ["--mongodb", mongoDb, "--database", _name]
            : _primary is null ? ["--storage", "memory"] : ["--storage", "memory", "--primary", $"127.0.0.1:{_primary}"];
        var silo = await StartAsync(Silo.Program.Build(SiloSettings.Read(new Settings(
            ["--cluster", _name, .. storage, "--http-port", "0", "--silo-port", $"{port}", "--gateway-port", $"{entrance}", "--drain-seconds", "5", .. more], _ => null))));
        _primary ??= port;
        _entrances.Add($"127.0.0.1:{entrance}");
        return silo;
    }

    public Task<WebApplication> StartGatewayAsync(params string[] more)
    {
        string[] where = mongoDb is not null ? ["--mongodb", mongoDb, "--database", _name] : ["--silos", string.Join(',', _entrances)];
        return StartAsync(BrokerGateway.Program.Build(GatewaySettings.Read(new Settings(
            ["--cluster", _name, .. where, "--http-port", "0", "--port", "0", .. more], _ => null))));
    }

    /// <summary>Where a gateway speaks the line protocol.</summary>
    public static IPEndPoint EndPointOf(WebApplication gateway) => gateway.Services.GetRequiredService<WireService>().EndPoint;

    /// <summary>Where a program serves HTTP.</summary>
    public static Uri HttpOf(WebApplication program) =>
        new(program.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Ends everything, in order.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var program in Enumerable.Reverse(_running).ToList())
        {
            await program.StopAsync();
            await program.DisposeAsync();
        }

        _running.Clear();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<WebApplication> StartAsync(WebApplication program)
    {
        _running.Add(program);
        await program.StartAsync();
        return program;
    }
}
