using Rookery.Broker;
using static Rookery.Local.Tests.BrokerFixture;

namespace Rookery.Local.Tests;

/// <summary>Topics that are empty and unused go, and what comes after them cannot tell.</summary>
public class TopicsGivenBackTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(11);
    private readonly FaultyFiles _files = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Topics_that_were_only_named_make_room_again()
    {
        await using var broker = await Start(maxTopics: 100);
        var client = await TestClient.Open(broker);
        for (var i = 0; i < 100; i++)
        {
            await client.Subscribe($"t{i}");
            await client.Execute($"t{i}", commands => commands.Unsubscribe());
        }

        Assert.Equal(Outcome.Refused, (await client.Subscribe("one-more")).Outcome);
        await GoOnUntil(broker, () => broker.Keeper.Topics.Count == 0, "all topics to be given back");
        Assert.Empty(await broker.GetTopicsAsync(default));
        Assert.Null(await broker.GetTopicAsync(TopicName.Parse("t1"), default));
        Assert.Equal(Outcome.Done, (await client.Subscribe("one-more")).Outcome);

        // The same connection uses one of them again.
        Assert.Equal(1, (await client.Publish("t1", "a")).Sequence);
        Assert.Equal(["one-more", "t1"], (await broker.GetTopicsAsync(default)).Select(topic => topic.Topic));
    }

    [Fact]
    public async Task A_topic_that_comes_again_goes_on_with_its_numbers_and_knows_its_producers_also_after_a_restart()
    {
        await using var broker = await Start();
        var client = await TestClient.Open(broker, producer: "p");
        Assert.Equal(1, (await client.Publish("t", "a", number: 1)).Sequence);
        Assert.Equal(2, (await client.Publish("t", "b", number: 2)).Sequence);
        await GiveBack(broker);
        Assert.Equal((Outcome.Repeated, 2L), Seen(await client.Publish("t", "b", number: 2)));
        Assert.Equal((Outcome.Done, 3L), Seen(await client.Publish("t", "c", number: 3)));
        await GiveBack(broker);
        await using var after = await Start(files: _files.PowerLoss());
        var again = await TestClient.Open(after, producer: "p");
        Assert.Equal((Outcome.Repeated, 3L), Seen(await again.Publish("t", "c", number: 3)));
        Assert.Equal((Outcome.Done, 4L), Seen(await again.Publish("t", "d", number: 4)));
    }

    [Fact]
    public async Task A_topic_with_a_subscription_or_an_event_stays()
    {
        await using var broker = await Start();
        var alice = await TestClient.Open(broker, "alice");
        await alice.Subscribe("t");
        await alice.Session.DisposeAsync();
        await (await TestClient.Open(broker)).Publish("t", "a");
        await (await TestClient.Open(broker)).Subscribe("only-named");
        await (await TestClient.Open(broker)).Execute("only-named", commands => commands.Unsubscribe());
        await GoOnUntil(broker, () => broker.Keeper.Topics.Count == 2, "nothing to be given back but what is empty");
        alice = await TestClient.Open(broker, "alice");
        await alice.Subscribe("t");
        Assert.Equal("a", (await alice.Expect(1))[0].Id);
    }

    [Fact]
    public async Task A_dropped_topic_is_gone_at_once_for_good_and_for_everybody()
    {
        await using var broker = await Start(keep: 10);
        var (alice, admin) = (await TestClient.Open(broker, "alice"), await TestClient.Open(broker));
        await alice.Subscribe("t");
        await admin.Publish("t", "a");
        await alice.Expect(1);
        Assert.Equal(1, (await Drop(admin)).Count);
        await JournalFixture.Until(() => alice.Dropped.Count == 1, "the subscriber to be told");
        Assert.Empty(await broker.GetTopicsAsync(default));
        await JournalFixture.Until(() => broker.Keeper.Topics.Count == 0, "the topic to be given back");
        Assert.Equal(Outcome.NoSuchTopic, (await Drop(admin)).Outcome);
        await using var after = await Start(keep: 10, files: _files.PowerLoss());
        Assert.Empty(await after.GetTopicsAsync(default));
        alice = await TestClient.Open(after, "alice");
        Assert.True((await alice.Subscribe("t", FromStart())).Flag);
        await (await TestClient.Open(after)).Publish("t", "b");
        Assert.Equal(("b", 2L), ((await alice.Expect(1))[0].Id, alice.Deliveries[0].Sequence));
    }

    [Fact]
    public async Task What_is_remembered_is_bounded_and_ends_with_the_segments_it_was_in()
    {
        await using var broker = await Start(maxTopics: 20);
        var client = await TestClient.Open(broker);
        var message = new string('x', 2000);
        for (var round = 0; round < 60; round++)
        {
            for (var i = 0; i < 20; i++)
            {
                await client.Publish($"t{round}-{i}", "a", message);
            }

            await GoOnUntil(broker, () => broker.Keeper.Topics.Count == 0, "the topics of a round to be given back");
        }

        // 1,200 names; a segment of 256 KiB has about 120 of them, and the newest 20 are kept.
        await JournalFixture.Until(() => broker.Keeper.Resting < 500, $"names to be forgotten; {broker.Keeper.Resting} are remembered");
        Assert.InRange(broker.Keeper.Resting, 20, 500);
        Assert.Equal(2, (await client.Publish("t59-19", "b")).Sequence);
    }

    [Fact]
    public async Task While_topics_come_and_go_all_the_time_no_publish_is_lost_and_no_number_given_twice()
    {
        await using var broker = await Start();
        using var over = new CancellationTokenSource();
        var clock = Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                _time.Advance(Long);
                await Task.Yield();
            }
        });
        var seen = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var client = await TestClient.Open(broker);
            var sequences = new List<(string Topic, long Sequence)>();
            for (var i = 0; i < 1000; i++)
            {
                var topic = $"t{i % 3}";
                var result = await client.Publish(topic, "a");
                Assert.Equal(Outcome.Done, result.Outcome);
                sequences.Add((topic, result.Sequence));
            }

            return sequences;
        })));
        await over.CancelAsync();
        await clock;
        foreach (var topic in seen.SelectMany(one => one).GroupBy(one => one.Topic))
        {
            Assert.Equal(Enumerable.Range(1, topic.Count()).Select(n => (long)n), topic.Select(one => one.Sequence).Order());
        }
    }

    private static (Outcome Outcome, long Sequence) Seen(CommandResult result) => (result.Outcome, result.Sequence);

    private static async Task<CommandResult> Drop(TestClient client) => (await client.Execute("t", commands => commands.DropTopic()))[0];

    private async Task GiveBack(LocalBroker broker)
    {
        await JournalFixture.Until(() => _time.IsDueWithin(Long), "the topic to wait for its time");
        _time.Advance(Long);
        await JournalFixture.Until(() => broker.Keeper.Topics.Count == 0, "the topic to be given back");
    }

    /// <summary>
    /// The time for which topics stay unused, and a second more at each look: a topic may answer before it sets its timer, and one that
    /// asks for ten minutes from then, while this clock jumps, gets them from behind the jump.
    /// </summary>
    private Task GoOnUntil(LocalBroker broker, Func<bool> holds, string what)
    {
        _time.Advance(Long);
        return JournalFixture.Until(
            () =>
            {
                // A recovery would begin the time of every topic anew, and hide what it was that failed.
                Assert.Equal(0, broker.Keeper.Recoveries);
                _time.Advance(TimeSpan.FromSeconds(1));
                return holds();
            },
            what);
    }

    private Task<LocalBroker> Start(int maxTopics = 10_000, int keep = 0, FaultyFiles? files = null) => Open(
        files ?? _files,
        BrokerFixture.Options with { Limits = new BrokerLimits { MaxTopics = maxTopics, Retention = new Retention { KeepEvents = keep } } },
        _time);
}
