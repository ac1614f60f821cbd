using System.Net.Sockets;

namespace Rookery.Wire.Tests;

public sealed class SparseLogTests
{
    [Fact]
    public async Task Refused_connections_are_told_one_in_a_minute_with_the_number_of_the_others()
    {
        var (logs, time) = (new ListLogs(), new ManualTimeProvider());
        await using var served = await ServedBroker.StartAsync(new WireOptions { MaxConnections = 1 }, time: time, loggers: logs);
        await served.ConnectAsync();
        for (var i = 0; i < 5; i++)
        {
            await BeRefusedAsync(served);
        }

        Assert.EndsWith(": 1 are open", Assert.Single(Refusals(logs)), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(1));
        await BeRefusedAsync(served);
        Assert.EndsWith(": 1 are open (and 4 times more since this was last told)", Refusals(logs)[^1], StringComparison.Ordinal);
        Assert.Equal((2, 6), (Refusals(logs).Count, served.Server.Refused));
    }

    private static List<string> Refusals(ListLogs logs) => [.. logs.Lines.Where(l => l.StartsWith("refused a connection", StringComparison.Ordinal))];

    private static async Task BeRefusedAsync(ServedBroker served)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(served.Server.EndPoint);
        using var reader = new StreamReader(client.GetStream());
        Assert.Equal("error: too many connections: at most 1 are allowed", (await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20))).TrimEnd());
    }
}
