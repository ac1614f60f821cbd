using Microsoft.Extensions.Logging;
using Rookery.Conformance;

namespace Rookery.Wire.Tests;

/// <summary>A fake broker behind a real server, for one test.</summary>
public sealed class ServedBroker : IAsyncDisposable
{
    private readonly List<LineClient> _clients = [];

    private ServedBroker(FakeBroker broker, BrokerServer server) => (Broker, Server) = (broker, server);

    public FakeBroker Broker { get; }

    public BrokerServer Server { get; }

    public static async Task<ServedBroker> StartAsync(
        WireOptions? options = null, FakeBroker? broker = null, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        broker ??= new FakeBroker();
        var server = new BrokerServer(broker, (options ?? new WireOptions()) with { Port = 0 }, time, loggers);
        await server.StartAsync();
        return new ServedBroker(broker, server);
    }

    public async Task<LineClient> ConnectAsync(string? hello = null, int receiveBuffer = 0)
    {
        var client = await LineClient.ConnectAsync(Server.EndPoint, hello, receiveBuffer);
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    /// <summary>Moves the clock on, step by step, until something is complete, with a deadline.</summary>
    public static Task AdvanceUntilAsync(ManualTimeProvider time, TimeSpan step, Task complete, string what) => EventuallyAsync(
        () =>
        {
            if (!complete.IsCompleted)
            {
                time.Advance(step);
            }

            return complete.IsCompleted;
        },
        what);

    /// <summary>Waits until it holds, with a deadline.</summary>
    public static async Task EventuallyAsync(Func<bool> holds, string what)
    {
        for (var i = 0; !holds(); i++)
        {
            Assert.True(i < 2000, $"did not come true: {what}");
            await Task.Delay(5);
        }
    }
}
