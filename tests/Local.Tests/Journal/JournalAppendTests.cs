using Rookery.Broker;
using static Rookery.Local.Tests.JournalFixture;

namespace Rookery.Local.Tests;

public class JournalAppendTests
{
    [Fact]
    public async Task What_was_appended_is_read_back_and_recovered_in_order()
    {
        var files = new FaultyFiles();
        using (var journal = new JournalFixture(files).Started())
        {
            var first = await journal.Append(A, "one");
            var second = await journal.Append(B, "two");
            var third = await journal.Append(A, new string('x', 40_000));

            Assert.True(first < second && second < third);
            Assert.Equal("one", await journal.Read(A, first));
            Assert.Equal(40_000, (await journal.Read(A, third)).Length);
        }

        using var again = new JournalFixture(files);
        Assert.Equal(["a:one", "b:two", "a:" + new string('x', 40_000)], again.Recovered);
        Assert.Empty(again.Findings);
    }

    [Fact]
    public async Task Many_topics_share_one_write_and_one_sync()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        using var holding = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        files.Before = operation =>
        {
            if (operation.StartsWith("sync 0", StringComparison.Ordinal) && !held.IsSet)
            {
                held.Set();
                holding.Wait(Deadline);
            }
        };

        var first = journal.Append(A, "first");
        Assert.True(held.Wait(Deadline));
        var (writes, syncs) = (files.Count("write 0"), files.Count("sync 0"));
        var others = Enumerable.Range(0, 500).Select(n => journal.Append(TopicName.Parse($"t{n}"), "e")).ToList();
        holding.Set();
        await first;
        await Task.WhenAll(others);

        Assert.Equal(writes + 1, files.Count("write 0"));
        Assert.Equal(syncs + 1, files.Count("sync 0"));
    }

    [Fact]
    public async Task Nothing_completes_before_the_sync_that_covers_it()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        using var mayFinish = new ManualResetEventSlim();
        using var syncing = new ManualResetEventSlim();
        files.Before = operation =>
        {
            if (operation.StartsWith("sync 0", StringComparison.Ordinal))
            {
                syncing.Set();
                mayFinish.Wait(Deadline);
            }
        };

        var append = journal.Append(A, "one");
        Assert.True(syncing.Wait(Deadline));
        Assert.False(append.IsCompleted);
        mayFinish.Set();
        await append;
    }

    [Fact]
    public async Task Under_interval_an_append_completes_at_once_and_the_sync_follows_in_time()
    {
        var files = new FaultyFiles();
        var time = new ManualTimeProvider();
        var options = new JournalOptions { Durability = Durability.Interval, SyncInterval = TimeSpan.FromMilliseconds(100) };
        using var journal = new JournalFixture(files, options with { SegmentBytes = 64 << 10 }, time).Started();
        var before = files.Count("sync 0");

        await journal.Append(A, "one");
        await journal.Append(A, "two");
        Assert.Equal(before, files.Count("sync 0"));

        await Until(() => time.IsDueWithin(TimeSpan.FromMilliseconds(100)), "the timer of the sync is set");
        time.Advance(TimeSpan.FromMilliseconds(100));
        await Until(() => files.Count("sync 0") == before + 1, "the sync after the interval");
    }

    [Fact]
    public async Task Under_memory_nothing_is_synced_while_it_runs()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(
            files, new JournalOptions { Durability = Durability.Memory, SegmentBytes = 64 << 10 }).Started();
        for (var n = 0; n < 100; n++)
        {
            await journal.Append(A, new string('x', 5_000));
        }

        Assert.Equal(0, files.Count("sync"));
        using var killed = new JournalFixture(files.Kill());
        Assert.Equal(100, killed.Recovered.Count);
    }

    [Fact]
    public async Task A_second_append_of_a_topic_while_one_is_outstanding_is_a_mistake_that_is_named()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        using var mayFinish = new ManualResetEventSlim();
        files.Before = operation =>
        {
            if (operation.StartsWith("sync 0", StringComparison.Ordinal))
            {
                mayFinish.Wait(Deadline);
            }
        };

        var first = journal.Append(A, "one");
        await Assert.ThrowsAsync<InvalidOperationException>(() => journal.Append(A, "two"));
        mayFinish.Set();
        await first;
        await journal.Append(A, "two");
    }

    [Fact]
    public async Task After_closing_appends_are_refused()
    {
        var journal = new JournalFixture(new FaultyFiles()).Started();
        await journal.Append(A, "one");
        journal.Dispose();
        var exception = await Assert.ThrowsAsync<JournalException>(() => journal.Append(A, "two"));
        Assert.Contains("closed", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_where_no_frame_is_names_the_place()
    {
        using var journal = new JournalFixture(new FaultyFiles()).Started();
        var address = await journal.Append(A, "one");
        var exception = await Assert.ThrowsAsync<JournalException>(() => journal.Read(A, address + 1));
        Assert.Contains("offset 33 of 0000000001.segment", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalException>(() => journal.Read(B, address));
        await Assert.ThrowsAsync<JournalException>(() => journal.Read(A, FrameAddress.Of(77, 32)));
    }

    [Theory]
    [InlineData(0, 100, 0.5, "SegmentBytes")]
    [InlineData(1 << 20, 0, 0.5, "SyncInterval")]
    [InlineData(1 << 20, 100, 0.95, "MinimumAlive")]
    public void A_wrong_option_is_named_with_its_bounds(int segmentBytes, int intervalMs, double alive, string name)
    {
        var options = new JournalOptions
        {
            SegmentBytes = segmentBytes,
            SyncInterval = TimeSpan.FromMilliseconds(intervalMs),
            MinimumAlive = alive,
        };
        var exception = Assert.Throws<ArgumentOutOfRangeException>(options.Validate);
        Assert.Contains($"{name} is ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("between", exception.Message, StringComparison.Ordinal);
    }
}
