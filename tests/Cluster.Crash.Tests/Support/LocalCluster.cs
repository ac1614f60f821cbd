using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Rookery.Grains.Interfaces;

namespace Rookery.Cluster.Crash.Tests;

/// <summary>How processes of a cluster are started.</summary>
internal sealed record LocalClusterOptions
{
    public int Silos { get; init; } = 1;

    public int Gateways { get; init; } = 1;

    /// <summary>Variables of all processes.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>A MongoDB server to keep everything in; null: files, which outlive the processes as well.</summary>
    public string? MongoDb { get; init; }

    /// <summary>More settings of the silos.</summary>
    public string[] SiloSettings { get; init; } = [];
}

/// <summary>Silos and gateways as processes of this machine, with the settings they ship with, over a storage that outlives them.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private const string Name = "crash";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-cluster-").FullName;
    private readonly List<(int Port, int Entrance, Member Member)> _silos = [];
    private readonly List<(int Port, Member Member)> _gateways = [];
    private readonly LocalClusterOptions _options;
    private readonly Dictionary<string, string> _environment;
    private readonly string[] _common;
    private IHost? _client;

    private LocalCluster(LocalClusterOptions options)
    {
        _options = options;
        _environment = new(options.Environment);
        _common = ["--cluster", Name];
        if (options.MongoDb is { } mongoDb)
        {
            _common = [.. _common, "--mongodb", mongoDb];
        }
        else
        {
            _environment["ROOKERY_TEST_FOLDER"] = _folder;
        }

        Directory.CreateDirectory(Path.Combine(_folder, "records"));
    }

    public IReadOnlyList<Member> Silos => [.. _silos.Select(silo => silo.Member)];

    public IReadOnlyList<Member> Gateways => [.. _gateways.Select(gateway => gateway.Member)];

    /// <summary>Where clients connect to.</summary>
    public IReadOnlyList<int> Ports => [.. _gateways.Select(gateway => gateway.Port)];

    /// <summary>While true, every operation of the storage fails.</summary>
    public bool IsStorageDown
    {
        set
        {
            var down = Path.Combine(_folder, "records", "down");
            if (value)
            {
                File.WriteAllBytes(down, []);
            }
            else
            {
                File.Delete(down);
            }
        }
    }

    public static async Task<LocalCluster> StartAsync(LocalClusterOptions options)
    {
        var cluster = new LocalCluster(options);
        try
        {
            for (var i = 0; i < options.Silos; i++)
            {
                cluster.StartSilo();
            }

            for (var i = 0; i < options.Gateways; i++)
            {
                cluster.StartGateway();
            }

            await cluster.ReadyAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every member is ready.</summary>
    public Task ReadyAsync() => Task.WhenAll([.. Silos.Select(silo => silo.ReadyAsync()), .. Gateways.Select(gateway => gateway.ReadyAsync())]);

    /// <summary>Starts another silo.</summary>
    public Task AddSiloAsync() => StartSilo().ReadyAsync();

    /// <summary>Ends all gateways, in order, and waits until their successors are ready: clients are told, and sent away.</summary>
    public Task RestartGatewaysAsync() => Task.WhenAll(Gateways.Select(gateway => gateway.RestartAsync("TERM")));

    /// <summary>The silo that has a topic.</summary>
    public async Task<Member> SiloOfAsync(string topic)
    {
        Member? found = null;
        await Eventually.HoldsAsync(async () => (found = await TrySiloOfAsync(topic)) is not null, () => $"no silo has topic {topic}", Deadline);
        return found!;
    }

    private async Task<Member?> TrySiloOfAsync(string topic)
    {
        try
        {
            var grains = (await ClientAsync()).Services.GetRequiredService<IGrainFactory>();
            var address = await grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grains.GetGrain<ITopicGrain>(topic));
            return address is null ? null : _silos.Find(silo => silo.Port == address.Endpoint.Port).Member;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or InvalidOperationException)
        {
            // The cluster is not itself again.
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is { } client)
        {
            await client.StopAsync();
            client.Dispose();
        }

        foreach (var member in Gateways.Concat(Silos))
        {
            await member.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Member StartSilo()
    {
        var (port, entrance, http) = (FreePort(), FreePort(), FreePort());
        var member = new Member($"silo {_silos.Count}", http, () => RookeryProcess.Start(
            [], "Rookery.Cluster.Host.dll", _environment,
            [.. _common, "--silo-port", $"{port}", "--gateway-port", $"{entrance}", "--http-port", $"{http}", .. _options.SiloSettings]));
        _silos.Add((port, entrance, member));
        return member;
    }

    private void StartGateway()
    {
        var (port, http) = (FreePort(), FreePort());
        _gateways.Add((port, new Member($"gateway {_gateways.Count}", http, () => RookeryProcess.Start(
            [], "Rookery.Cluster.Host.dll", new(_environment) { ["ROOKERY_TEST_ROLE"] = "gateway" },
            [.. _common, "--port", $"{port}", "--http-port", $"{http}"]))));
    }

    private async Task<IHost> ClientAsync()
    {
        if (_client is null)
        {
            var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
            builder.Logging.ClearProviders();
            builder.UseOrleansClient(client => client
                .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (Name, Name))
                .UseStaticClustering([.. _silos.Select(silo => new IPEndPoint(IPAddress.Loopback, silo.Entrance))])
                .Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(5))
                .Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5)));
            _client = builder.Build();
            await _client.StartAsync().WaitAsync(Deadline);
        }

        return _client;
    }
}
