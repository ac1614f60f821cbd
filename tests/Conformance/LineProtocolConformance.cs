using Rookery.Wire;
using Xunit;

namespace Rookery.Conformance;

/// <summary>
/// The contract of the line protocol, over a real socket, for any host: derive a class and name the host.
/// </summary>
/// <param name="create">Makes the host of one test.</param>
public abstract partial class LineProtocolConformance(Func<ValueTask<ConformanceHost>> create) : IAsyncLifetime
{
    private readonly List<LineClient> _clients = [];
    private ConformanceHost _host = null!;
    private BrokerServer _server = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        _host = await create();
        _server = await _host.ServeAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _server.DisposeAsync();
        await _host.DisposeAsync();
    }

    private async Task<LineClient> ConnectAsync(string? hello = null)
    {
        var client = await LineClient.ConnectAsync(_server.EndPoint, hello);
        _clients.Add(client);
        return client;
    }

    private Task<LineClient> PublisherAsync() => ConnectAsync("{\"confirm\":true}");

    /// <summary>Subscribes, and reads the reply.</summary>
    private static Task SubscribeAsync(LineClient client, string topic, string? options = null) =>
        client.AskAsync(options is null ? $"sub {topic}" : $"sub {topic} {options}", $"successfully subscribed to topic {topic}");

    /// <summary>Publishes <c>{"id":"…","msg":"m"}</c> for each id, and waits until all are stored.</summary>
    private static async Task PublishAsync(LineClient publisher, string topic, params string[] ids)
    {
        await publisher.SendAsync([.. ids.Select(id => $"pub {topic} {{\"id\":\"{id}\",\"msg\":\"m\"}}")]);
        foreach (var id in ids)
        {
            Assert.Matches($"^ok pub {topic} [0-9]+ {id}$", await publisher.ReadAsync());
        }
    }

    /// <summary>How an event published by <see cref="PublishAsync"/> is pushed.</summary>
    private static string Event(string topic, string id, int priority = 0) =>
        $"{{\"topic\":\"{topic}\",\"priority\":{priority},\"msg\":\"m\",\"id\":\"{id}\"}}";

    /// <summary>How such an event is pushed with <c>meta</c>, as a pattern.</summary>
    private static string EventWithMeta(string topic, string id, long sequence, int tries) =>
        $"^{{\"topic\":\"{topic}\",\"priority\":0,\"msg\":\"m\",\"id\":\"{id}\",\"seq\":{sequence},\"ts\":[0-9]{{13}},\"tries\":{tries}}}$";
}
