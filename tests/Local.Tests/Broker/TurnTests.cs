using Rookery.Broker;
using static Rookery.Local.Tests.BrokerFixture;

namespace Rookery.Local.Tests;

public class TurnTests
{
    private const int Topics = 40;
    private const int EventsPerTopic = 50;

    [Fact]
    public async Task No_delivery_stays_untold_however_many_topics_share_a_turn()
    {
        await using var broker = await Open(new FaultyFiles());
        var subscriber = await TestClient.Open(broker);
        for (var topic = 0; topic < Topics; topic++)
        {
            await subscriber.Subscribe($"t{topic}");
        }

        var publishers = Enumerable.Range(0, 4).Select(_ => TestClient.Open(broker)).ToList();
        var publishing = publishers.Select(async (opening, index) =>
        {
            var publisher = await opening;
            for (var n = 0; n < EventsPerTopic; n++)
            {
                await Task.WhenAll(Enumerable.Range(0, Topics).Select(topic => publisher.Publish($"t{topic}", $"{index}.{n}")));
            }
        });
        await Task.WhenAll(publishing).WaitAsync(TestClient.Deadline);

        await subscriber.Expect(publishers.Count * Topics * EventsPerTopic);
        await JournalFixture.Until(() => subscriber.Untold == 0, "the last delivery to be told");
    }

    [Fact]
    public async Task A_receiver_that_fails_when_told_loses_its_session_and_harms_nobody_else()
    {
        await using var broker = await Open(new FaultyFiles());
        var bad = await TestClient.Open(broker);
        bad.OnDelivered = () => throw new InvalidOperationException("injected");
        var good = await TestClient.Open(broker);
        await bad.Subscribe("t");
        await good.Subscribe("t");

        await good.Publish("t", "1");

        await good.Expect(1);
        Assert.Equal(SessionEnd.Lost, await bad.Closed);
        Assert.Equal(Outcome.Done, (await good.Publish("t", "2")).Outcome);
        await good.Expect(2);
    }
}
