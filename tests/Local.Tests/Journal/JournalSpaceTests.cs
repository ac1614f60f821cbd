using Rookery.Broker;
using static Rookery.Local.Tests.JournalFixture;

namespace Rookery.Local.Tests;

public class JournalSpaceTests
{
    private static readonly string Large = new('x', 10_000);

    [Fact]
    public async Task A_full_segment_is_followed_by_another_and_addresses_grow()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        var addresses = new List<long>();
        for (var n = 0; n < 20; n++)
        {
            addresses.Add(await journal.Append(A, Large));
        }

        Assert.Equal(addresses.Order(), addresses);
        Assert.Equal([1, 2, 3, 4], addresses.Select(FrameAddress.SegmentOf).Distinct());
        foreach (var address in addresses)
        {
            Assert.Equal(Large, await journal.Read(A, address));
        }
    }

    [Fact]
    public async Task A_frame_larger_than_a_segment_gets_one_of_its_own()
    {
        var files = new FaultyFiles();
        var huge = new string('h', 300_000);
        using (var journal = new JournalFixture(files).Started())
        {
            await journal.Append(A, "before");
            Assert.Equal(huge, await journal.Read(A, await journal.Append(A, huge)));
            await journal.Append(A, "behind");
        }

        using var again = new JournalFixture(files);
        Assert.Equal(["a:before", "a:" + huge, "a:behind"], again.Recovered);
    }

    [Fact]
    public async Task A_segment_in_which_nothing_lives_is_deleted()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        for (var n = 0; n < 100; n++)
        {
            journal.Release(A, await journal.Append(A, Large), Large);
        }

        await Until(() => files.List().Count(name => name.EndsWith(".segment", StringComparison.Ordinal)) <= 2, "segments are deleted");
        Assert.True(journal.Journal.DiskBytes < 3 * 65_536);
        journal.Dispose();
        using var again = new JournalFixture(files);
        Assert.Empty(again.Findings);
    }

    [Fact]
    public async Task Bytes_of_several_frames_are_counted_apart_by_topic()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files, new JournalOptions { SegmentBytes = 64 << 10, MinimumAlive = 0 }).Started();
        var a = await journal.Append(A, Large);
        var b = await journal.Append(B, Large);
        for (var n = 0; n < 5; n++)
        {
            await journal.Append(B, Large);
        }

        // More than topic a has there: what topic b has must not suffer.
        journal.Journal.For(A).Release(a, int.MaxValue);
        await journal.Append(A, "a turn of the writer");
        Assert.Equal(0, journal.Metrics.Deleted);
        Assert.Equal(Large, await journal.Read(B, b));
    }

    [Fact]
    public async Task One_stuck_event_does_not_pin_the_rest()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        var stuck = await journal.Append(B, "stuck");
        var asked = new TaskCompletionSource<(TopicName, long, long)>(TaskCreationOptions.RunContinuationsAsynchronously);
        journal.OnCompact = (topic, from, to) => asked.TrySetResult((topic, from, to));
        for (var n = 0; n < 10; n++)
        {
            journal.Release(A, await journal.Append(A, Large), Large);
        }

        var (asks, first, last) = await asked.Task.WaitAsync(Deadline);
        Assert.Equal(B, asks);
        Assert.InRange(stuck, first, last - 1);

        var moved = await journal.Append(B, "stuck");
        journal.Release(B, stuck, "stuck");
        await Until(() => journal.Metrics.Deleted > 0, "the segment is given back");
        Assert.DoesNotContain("0000000001.segment", files.List());
        Assert.Equal("stuck", await journal.Read(B, moved));

        using var after = new JournalFixture(files.PowerLoss());
        Assert.Contains("b:stuck", after.Recovered);
        Assert.Empty(after.Findings);
    }

    [Fact]
    public async Task Sparse_segments_are_reclaimed_one_at_a_time_the_sparsest_first()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        var asked = new List<int>();
        journal.OnCompact = (_, from, _) =>
        {
            lock (asked)
            {
                asked.Add(FrameAddress.SegmentOf(from));
            }
        };
        var frames = new List<long>();
        for (var n = 0; n < 25; n++)
        {
            frames.Add(await journal.Append(A, Large));
        }

        // Of six frames, the first segment keeps two, the second and the third one.
        foreach (var address in frames.Take(4).Concat(frames.Skip(6).Take(5)).Concat(frames.Skip(12).Take(5)))
        {
            journal.Release(A, address, Large);
        }

        Assert.Equal([1], asked);
        journal.Release(A, frames[4], Large);
        journal.Release(A, frames[5], Large);
        await Until(() => asked.Count == 2, "the next is asked for");
        journal.Release(A, frames[11], Large);
        await Until(() => asked.Count == 3, "the last is asked for");
        Assert.Equal([1, 2, 3], asked);
    }

    [Fact]
    public async Task A_topic_that_does_not_move_in_time_does_not_hold_up_the_others()
    {
        var time = new ManualTimeProvider();
        using var journal = new JournalFixture(new FaultyFiles(), time: time).Started();
        var asked = new List<int>();
        journal.OnCompact = (_, from, _) => asked.Add(FrameAddress.SegmentOf(from));
        var frames = new List<long>();
        for (var n = 0; n < 13; n++)
        {
            frames.Add(await journal.Append(A, Large));
        }

        foreach (var address in frames.Take(5).Concat(frames.Skip(6).Take(5)))
        {
            journal.Release(A, address, Large);
        }

        Assert.Equal([1], asked);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1, 2], asked);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1, 2, 1], asked);
    }

    [Fact]
    public async Task What_made_a_segment_empty_is_on_the_device_before_it_goes()
    {
        var files = new FaultyFiles();
        var options = new JournalOptions { Durability = Durability.Interval, SyncInterval = TimeSpan.FromMinutes(1), SegmentBytes = 64 << 10 };
        using var journal = new JournalFixture(files, options).Started();
        var old = await journal.Append(B, "stuck");
        for (var n = 0; n < 7; n++)
        {
            journal.Release(A, await journal.Append(A, Large), Large);
        }

        await journal.Append(B, "stuck");
        journal.Release(B, old, "stuck");
        await Until(() => journal.Metrics.Deleted > 0, "the segment is given back");
        using var after = new JournalFixture(files.PowerLoss());
        Assert.Contains("b:stuck", after.Recovered);
    }

    [Fact]
    public async Task After_a_restart_what_topics_release_while_they_recover_is_given_back()
    {
        var files = new FaultyFiles();
        using (var journal = new JournalFixture(files).Started())
        {
            for (var n = 0; n < 20; n++)
            {
                await journal.Append(A, Large);
            }
        }

        using var again = new JournalFixture(files);
        foreach (var (topic, address, bytes) in again.Frames)
        {
            topic.Release(address, bytes);
        }

        again.Started();
        await Until(() => again.Metrics.Deleted == 4, "the four old segments are deleted");
    }
}
