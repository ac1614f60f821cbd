using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Rookery.BrokerGateway;
using Rookery.Conformance;
using Rookery.Grains.Interfaces;
using Rookery.Silo;

namespace Rookery.Cluster.Tests;

/// <summary>The silo and gateway programs as they are shipped, on a MongoDB server; each test in a database of its own.</summary>
public sealed class MongoTests : IAsyncLifetime
{
    private readonly string _database = $"rookery_test_{Guid.NewGuid():N}"[..30];
    private readonly List<WebApplication> _programs = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _programs.Reverse();
        foreach (var program in _programs)
        {
            await program.StopAsync();
            await program.DisposeAsync();
        }

        if (MongoFactAttribute.Server is { } server)
        {
            using var client = new MongoDB.Driver.MongoClient(server);
            await client.DropDatabaseAsync(_database);
        }
    }

    [MongoFact]
    public async Task Events_go_through_two_silos_and_two_gateways()
    {
        await StartSiloAsync();
        await StartSiloAsync();
        var (one, other) = (await StartGatewayAsync(), await StartGatewayAsync());
        await using var subscriber = await LineClient.ConnectAsync(one, "{\"as\":\"alice\"}");
        await subscriber.AskAsync("sub t {\"window\":9}", "successfully subscribed to topic t");
        await using var publisher = await LineClient.ConnectAsync(other, "{\"confirm\":true}");
        for (var i = 1; i <= 5; i++)
        {
            await publisher.AskAsync($"pub t {{\"id\":\"{i}\",\"msg\":\"m\"}}", $"ok pub t {i} {i}");
            await subscriber.ExpectAsync($"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"m\",\"id\":\"{i}\"}}");
        }

        await subscriber.AskAsync("ack t #1-5", "acknowledged 5");
    }

    [MongoFact]
    public async Task What_was_confirmed_is_there_when_all_silos_have_ended()
    {
        await StartSiloAsync();
        var gateway = await StartGatewayAsync();
        await using (var alice = await LineClient.ConnectAsync(gateway, "{\"as\":\"alice\"}"))
        {
            await alice.AskAsync("sub t {\"window\":9}", "successfully subscribed to topic t");
            await using var publisher = await LineClient.ConnectAsync(gateway, "{\"confirm\":true}");
            await publisher.AskAsync("pub t {\"id\":\"1\",\"msg\":\"m\"}", "ok pub t 1 1");
            await publisher.AskAsync("pub t {\"id\":\"2\",\"msg\":\"m\"}", "ok pub t 2 2");
            await alice.ExpectAsync(Event(1), Event(2));
            await alice.AskAsync("ack t 1", "acknowledged ev_id=1");
        }

        _programs.Reverse();
        foreach (var program in _programs)
        {
            await program.StopAsync();
            await program.DisposeAsync();
        }

        _programs.Clear();
        await StartSiloAsync();
        await using var again = await LineClient.ConnectAsync(await StartGatewayAsync(), "{\"as\":\"alice\"}");
        await again.AskAsync("sub t {\"window\":9}", "successfully subscribed to topic t", Event(2));
    }

    private static string Event(int id) => $"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"m\",\"id\":\"{id}\"}}";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task StartSiloAsync()
    {
        var silo = Silo.Program.Build(SiloSettings.Read(new Settings(
            ["--mongodb", MongoFactAttribute.Server!, "--database", _database, "--cluster", _database, "--http-port", "0",
             "--silo-port", $"{FreePort()}", "--gateway-port", $"{FreePort()}", "--drain-seconds", "5"],
            _ => null)));
        await silo.StartAsync();
        _programs.Add(silo);
    }

    private async Task<IPEndPoint> StartGatewayAsync()
    {
        var gateway = BrokerGateway.Program.Build(GatewaySettings.Read(new Settings(
            ["--mongodb", MongoFactAttribute.Server!, "--database", _database, "--cluster", _database, "--http-port", "0", "--port", "0"], _ => null)));
        await gateway.StartAsync();
        _programs.Add(gateway);
        return gateway.Services.GetRequiredService<WireService>().EndPoint;
    }
}
