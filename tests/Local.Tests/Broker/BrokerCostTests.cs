using Rookery.Broker;
using static Rookery.Local.Tests.BrokerFixture;

namespace Rookery.Local.Tests;

public class BrokerCostTests
{
    /// <summary>Bytes, not time: what is written for an ack must not know how much waits. (Both numbers of events take two bytes.)</summary>
    [Fact]
    public async Task An_ack_writes_the_same_bytes_however_long_the_backlog_is()
    {
        Assert.Equal(await BytesOfAcks(backlog: 150), await BytesOfAcks(backlog: 15_000));
    }

    private static async Task<long> BytesOfAcks(int backlog)
    {
        await using var broker = await Open(new FaultyFiles(), Options with { Journal = new JournalOptions { Durability = Durability.Memory, SegmentBytes = 4 << 20 } });
        var client = await TestClient.Open(broker, "alice");
        await client.Subscribe("t", new SubscribeOptions { Window = 10 });
        await client.Execute("t", commands =>
        {
            for (var n = 1; n <= backlog; n++)
            {
                TestClient.Add(commands, $"{n}");
            }
        });
        await client.Expect(10);
        var before = broker.Keeper.Metrics.Bytes;
        for (var n = 1; n <= 10; n++)
        {
            Assert.Equal(Outcome.Done, (await client.Ack("t", $"{n}")).Outcome);
        }

        return broker.Keeper.Metrics.Bytes - before;
    }
}
