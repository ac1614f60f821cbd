using System.Net;
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

    [Theory]
    [InlineData("a connection failed")]
    [InlineData("refused 10.0.0.1:1: its token is not known")]
    [InlineData("closed 10.0.0.1:1: it took nothing of what waits for it")]
    public void What_strangers_can_cause_is_told_one_in_a_minute_with_the_number_of_the_others(string told)
    {
        var (logs, time, peer) = (new ListLogs(), new ManualTimeProvider(), IPEndPoint.Parse("10.0.0.1:1"));
        var log = new WireLog(logs, time);
        for (var i = 1; i <= 5; i++)
        {
            Cause();
        }

        Assert.DoesNotContain("times more", Assert.Single(Told()), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(1));
        Cause();
        Assert.Equal(2, Told().Count);
        Assert.EndsWith(" (and 4 times more since this was last told)", Told()[^1], StringComparison.Ordinal);

        List<string> Told() => [.. logs.Lines.Where(l => l.StartsWith(told, StringComparison.Ordinal))];

        void Cause()
        {
            log.ConnectionFailed(new IOException("gone"));
            log.TokenRefused(peer, 1, 10);
            log.Stalled(peer, TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public void A_failure_of_another_kind_is_told_at_once()
    {
        var logs = new ListLogs();
        var log = new WireLog(logs, new ManualTimeProvider());
        log.ConnectionFailed(new IOException("gone"));
        log.ConnectionFailed(new IOException("gone too"));
        log.ConnectionFailed(new InvalidOperationException("a fault of ours"));
        Assert.Equal(2, logs.Lines.Count);
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
