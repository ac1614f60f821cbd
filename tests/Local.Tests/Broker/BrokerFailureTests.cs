using Rookery.Broker;
using static Rookery.Local.Tests.BrokerFixture;

namespace Rookery.Local.Tests;

public class BrokerFailureTests
{
    [Fact]
    public async Task After_a_failed_commit_everything_is_recovered_and_served_again()
    {
        var files = new FaultyFiles();
        await using var broker = await Open(files);
        var unnamed = await TestClient.Open(broker);
        var named = await TestClient.Open(broker, "alice");
        await unnamed.Subscribe("t");
        await named.Subscribe("t");
        await named.Subscribe("other");
        await named.Publish("t", "1");
        await unnamed.Expect(1);
        await named.Expect(1);
        await unnamed.Ack("t", "1");

        FailOnce(files, "sync 0");
        var lost = await named.Publish("t", "2");
        Assert.Equal(Outcome.Unknown, lost.Outcome);

        await JournalFixture.Until(() => broker.Keeper is { Recoveries: 1, IsServing: true }, "the journal is recovered");
        Assert.Equal(Outcome.Done, (await named.Publish("t", "3")).Outcome);
        Assert.Equal(Outcome.Done, (await named.Publish("other", "4")).Outcome);

        // What was in flight comes again; what was acknowledged does not.
        Assert.Equal(["1", "3"], (await unnamed.Expect(2)).Select(delivery => delivery.Id));
        await JournalFixture.Until(() => named.Deliveries.Count >= 4, "the named session has all");
        Assert.Equal(["1", "1", "3", "4"], named.Deliveries.Select(delivery => delivery.Id).Order());
        Assert.Equal(1, (await broker.GetStatsAsync(default)).FailedWrites);
    }

    [Fact]
    public async Task A_subscription_whose_record_was_lost_can_be_made_again()
    {
        var files = new FaultyFiles();
        await using var broker = await Open(files);
        var client = await TestClient.Open(broker);
        await client.Publish("t", "1");
        FailOnce(files, "sync 0");
        Assert.Equal(Outcome.Unknown, (await client.Subscribe("t")).Outcome);
        await JournalFixture.Until(() => broker.Keeper is { Recoveries: 1, IsServing: true }, "the journal is recovered");

        Assert.Equal(Outcome.NotSubscribed, (await client.Ack("t", "1")).Outcome);
        Assert.True((await client.Subscribe("t")).Flag);
        await client.Publish("t", "2");
        Assert.Equal("2", (await client.Expect(1))[0].Id);
    }

    [Fact]
    public async Task Under_interval_what_a_failed_sync_left_behind_is_written_once_more()
    {
        var files = new FaultyFiles();
        var time = new ManualTimeProvider();
        var options = Options with { Journal = new JournalOptions { Durability = Durability.Interval, SegmentBytes = 256 << 10 } };
        await using var broker = await Open(files, options, time);
        var client = await TestClient.Open(broker, "alice");
        await client.Subscribe("t");
        await client.Publish("t", "1");
        FailOnce(files, "sync 0000000001");
        await JournalFixture.Until(() => time.IsDueWithin(TimeSpan.FromMilliseconds(100)), "the timer of the sync is set");
        time.Advance(TimeSpan.FromMilliseconds(100));
        await JournalFixture.Until(() => broker.Keeper is { Recoveries: 1, IsServing: true }, "the journal is recovered");

        // The device lost it, as it may; the operating system had it, and it went to the next segment.
        await JournalFixture.Until(() => files.Count("write 0000000002") > 1, "it is written once more");
        await JournalFixture.Until(() => time.IsDueWithin(TimeSpan.FromMilliseconds(100)), "the timer of the sync is set");
        time.Advance(TimeSpan.FromMilliseconds(100));
        await JournalFixture.Until(() => files.Count("sync 0000000002") > 1, "the sync");
        var disk = files.PowerLoss();
        disk.Remove("0000000001.segment");
        await using var after = await Open(disk, options, time);
        var again = await TestClient.Open(after, "alice");
        await again.Subscribe("t", FromStart());
        Assert.Equal("1", (await again.Expect(1))[0].Id);
    }

    [Fact]
    public async Task While_the_disk_fails_commands_are_refused_with_the_reason_and_attempts_have_growing_pauses()
    {
        var files = new FaultyFiles();
        var time = new ManualTimeProvider();
        await using var broker = await Open(files, time: time);
        var client = await TestClient.Open(broker, "alice");
        await client.Subscribe("t");
        await client.Publish("t", "1");
        await client.Expect(1);

        var attempts = 0;
        files.Remove(JournalReserve.FileName);
        files.Before = operation =>
        {
            // Smaller ones are tried behind it.
            if (operation.StartsWith("create 0", StringComparison.Ordinal) && operation.EndsWith($" {256 << 10}", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref attempts);
            }

            if (operation.StartsWith("create", StringComparison.Ordinal) || operation.StartsWith("write", StringComparison.Ordinal))
            {
                throw new DiskFullException("the disk is full: 12 bytes were wanted");
            }
        };
        Assert.Equal(Outcome.Unknown, (await client.Publish("t", "2")).Outcome);
        await JournalFixture.Until(() => attempts == 1, "the first attempt, at once");
        var refused = await client.Publish("t", "3");
        Assert.Equal(Outcome.Unavailable, refused.Outcome);
        Assert.Contains("cannot store at present: the disk is full", refused.Detail, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<BrokerUnavailableException>(async () => await broker.GetTopicAsync(TopicName.Parse("t"), default));
        Assert.Equal(refused.Detail, unknown.Message);

        // Pauses of 100, 200 and 400 ms.
        for (var attempt = 2; attempt <= 4; attempt++)
        {
            await WaitForPause(time);
            time.Advance(TimeSpan.FromMilliseconds(100 * (1 << (attempt - 2))) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(attempt - 1, attempts);
            time.Advance(TimeSpan.FromMilliseconds(1));
            await JournalFixture.Until(() => attempts == attempt, $"attempt {attempt}");
        }

        files.Before = null;
        await WaitForPause(time);
        time.Advance(TimeSpan.FromMilliseconds(800));
        await JournalFixture.Until(() => broker.Keeper.IsServing, "the broker serves again");
        Assert.Equal(Outcome.Done, (await client.Publish("t", "4")).Outcome);
        Assert.Equal(["1", "1", "4"], (await client.Expect(3)).Select(delivery => delivery.Id));
    }

    [Fact]
    public async Task A_full_disk_refuses_events_and_stores_acknowledgements_and_drops_which_make_room()
    {
        var files = new FaultyFiles { Capacity = 1 << 20 };
        var options = Options with { Journal = new JournalOptions { SegmentBytes = 64 << 10 } };
        var time = new ManualTimeProvider();
        var broker = await Open(files, options, time);
        var client = await TestClient.Open(broker, "alice");
        await client.Subscribe("kept", FromStart(window: 2));
        await client.Subscribe("large", FromStart(window: 1));
        await client.Publish("kept", "1");
        await client.Publish("kept", "2");
        var stored = 0;
        CommandResult result;
        while ((result = await client.Publish("large", $"{stored}", new string('x', 20_000))).Outcome == Outcome.Done)
        {
            stored++;
        }

        // In words, before anything was written whose outcome nobody knows.
        Assert.Equal((Outcome.Unavailable, "the broker cannot store at present: the disk is full; try again later"), (result.Outcome, result.Detail));
        Assert.InRange(stored, 20, 60);
        Assert.Equal(Outcome.Done, (await client.Ack("kept", "1")).Outcome);
        await broker.DisposeAsync();

        // A start needs room, too, and so does a second one.
        await using (await Open(files = files.Kill(), options, time))
        {
        }

        await using var again = await Open(files = files.Kill(), options, time);
        client = await TestClient.Open(again, "alice");
        await client.Subscribe("kept");
        await client.Expect(["2"]);
        Assert.Equal(Outcome.Unavailable, (await client.Publish("kept", "3")).Outcome);
        for (var topic = 0; topic < 20; topic++)
        {
            Assert.Equal(Outcome.Unavailable, (await client.Publish($"new{topic}", "1")).Outcome);
        }

        Assert.Equal(again.Trouble, (await client.Publish("kept", "3")).Detail);
        var dropped = (await client.Execute("large", commands => commands.DropTopic()))[0];
        Assert.Equal((Outcome.Done, stored), (dropped.Outcome, dropped.Count));
        await JournalFixture.Until(() => again.Trouble is null, "there is room again");
        Assert.Equal(Outcome.Done, (await client.Publish("kept", "3")).Outcome);
        Assert.Contains(JournalReserve.FileName, files.List());
    }

    [Fact]
    public async Task A_failure_at_any_write_or_sync_loses_nothing_confirmed_and_service_goes_on()
    {
        for (var failAt = 0; failAt < 40; failAt++)
        {
            var files = new FaultyFiles();
            await using var broker = await Open(files, Options with { Journal = new JournalOptions { SegmentBytes = 64 << 10 } });
            var client = await TestClient.Open(broker);
            var (steps, failed) = (0, false);
            files.Before = operation =>
            {
                if (!operation.StartsWith("read", StringComparison.Ordinal) && Interlocked.Increment(ref steps) - 1 == failAt)
                {
                    failed = true;
                    throw new IOException($"injected at step {failAt}: {operation}");
                }
            };
            var confirmed = new List<string>();
            for (var n = 0; confirmed.Count < 12; n++)
            {
                if ((await client.Publish("t", $"{n}", new string('m', 20_000))).Outcome == Outcome.Done)
                {
                    confirmed.Add($"{n}");
                }
                else
                {
                    await JournalFixture.Until(() => broker.Keeper.IsServing, "the broker serves again");
                }
            }

            await using var after = await Open(files.PowerLoss());
            foreach (var served in new[] { broker, after })
            {
                var late = await TestClient.Open(served);
                await late.Subscribe("t", FromStart());
                await late.Expect(confirmed);
            }

            Assert.True(failed, $"there was no step {failAt}");
        }
    }

    [Fact]
    public async Task Credit_that_is_granted_while_the_journal_is_down_counts_afterwards()
    {
        var files = new FaultyFiles();
        var time = new ManualTimeProvider();
        await using var broker = await Open(files, time: time);
        var client = await TestClient.Open(broker, "alice");
        await client.Subscribe("t", new SubscribeOptions { Window = 10, Credit = 1 });
        await client.Publish("t", "1");
        await client.Expect(1);
        files.Before = operation =>
        {
            if (!operation.StartsWith("read", StringComparison.Ordinal))
            {
                throw new IOException("injected");
            }
        };
        await client.Publish("t", "2");
        await WaitForPause(time);
        client.Session.Grant(TopicName.Parse("t"), 1000);
        files.Before = null;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("1", (await client.Expect(2))[1].Id);
    }

    [Fact]
    public async Task A_mistake_in_a_turn_has_the_topics_recovered_and_answers_what_waits()
    {
        await using var broker = await Open(new FaultyFiles());
        var client = await TestClient.Open(broker, "alice");
        await client.Subscribe("t");
        await client.Publish("t", "1");
        await client.Expect(1);
        broker.Keeper.Topics.Find(TopicName.Parse("t"))!.Post(_ => throw new InvalidOperationException("injected"));
        await JournalFixture.Until(() => broker.Keeper is { Recoveries: 1, IsServing: true }, "the topics are recovered");
        Assert.Equal(Outcome.Done, (await client.Publish("t", "2")).Outcome);
        Assert.Equal(["1", "1", "2"], (await client.Expect(3)).Select(delivery => delivery.Id));
    }

    [Fact]
    public async Task Stopping_while_the_disk_fails_ends_in_time()
    {
        var files = new FaultyFiles();
        var broker = await Open(files);
        var client = await TestClient.Open(broker);
        await client.Subscribe("t");
        files.Before = operation =>
        {
            if (!operation.StartsWith("read", StringComparison.Ordinal))
            {
                throw new IOException("injected");
            }
        };
        Assert.Equal(Outcome.Unknown, (await client.Publish("t", "1")).Outcome);
        await broker.DisposeAsync().AsTask().WaitAsync(TestClient.Deadline);
        Assert.Equal(SessionEnd.ShuttingDown, await client.Closed);
    }

    [Fact]
    public async Task A_session_that_ends_while_the_journal_is_down_gives_back_what_it_had()
    {
        var files = new FaultyFiles();
        var time = new ManualTimeProvider();
        await using var broker = await Open(files, time: time);
        var first = await TestClient.Open(broker, "alice");
        await first.Subscribe("t");
        await first.Publish("t", "1");
        await first.Expect(1);
        files.Before = operation =>
        {
            if (!operation.StartsWith("read", StringComparison.Ordinal))
            {
                throw new IOException("injected");
            }
        };
        await first.Publish("t", "2");
        await JournalFixture.Until(() => !broker.Keeper.IsServing, "the journal is down");
        var second = await TestClient.Open(broker, "alice");
        Assert.Equal(SessionEnd.TakenOver, await first.Closed);

        await WaitForPause(time);
        files.Before = null;
        time.Advance(TimeSpan.FromSeconds(1));
        await JournalFixture.Until(() => broker.Keeper.IsServing, "the broker serves again");
        await second.Subscribe("t");
        Assert.Equal("1", (await second.Expect(1))[0].Id);
    }

    private static Task WaitForPause(ManualTimeProvider time) =>
        JournalFixture.Until(() => time.IsDueWithin(TimeSpan.FromSeconds(1)), "the pause begins");

    private static void FailOnce(FaultyFiles files, string prefix) => files.Before = operation =>
    {
        if (operation.StartsWith(prefix, StringComparison.Ordinal))
        {
            files.Before = null;
            throw new IOException($"injected: {operation}");
        }
    };
}
