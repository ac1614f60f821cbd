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
    public async Task Stuck_events_do_not_pin_the_rest()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        var asked = new TaskCompletionSource<(TopicName, long, long)>(TaskCreationOptions.RunContinuationsAsynchronously);
        journal.OnCompact = (topic, from, to) => asked.TrySetResult((topic, from, to));
        var stuck = new List<long>();
        for (var n = 0; n < 30; n++)
        {
            if (n % 6 == 0)
            {
                stuck.Add(await journal.Append(B, "stuck"));
            }

            journal.Release(A, await journal.Append(A, Large), Large);
        }

        var (asks, first, last) = await asked.Task.WaitAsync(Deadline);
        Assert.Equal(B, asks);
        var old = Assert.Single(stuck, address => address >= first && address < last);

        var moved = await journal.Append(B, "stuck");
        journal.Release(B, old, "stuck");
        await Until(() => journal.Metrics.Deleted > 0, "the segment is given back");
        Assert.DoesNotContain(SegmentName.Of(FrameAddress.SegmentOf(first)), files.List());
        Assert.Equal("stuck", await journal.Read(B, moved));

        using var after = new JournalFixture(files.PowerLoss());
        Assert.Contains("b:stuck", after.Recovered);
        Assert.Empty(after.Findings);
    }

    [Fact]
    public async Task Segments_are_reclaimed_one_at_a_time_the_sparsest_first_until_two_are_spare()
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
        var frames = await Fill(journal, segments: 5);

        // Of six frames, the first segment keeps two and the others one: with the fifth, more than two could be spared.
        Empty(journal, frames, segment: 1, but: 2);
        Empty(journal, frames, segment: 2, but: 1);
        Empty(journal, frames, segment: 3, but: 1);
        Empty(journal, frames, segment: 4, but: 1);
        Assert.Empty(asked);
        Empty(journal, frames, segment: 5, but: 1);
        Assert.Equal([2], asked);

        Empty(journal, frames, segment: 2, but: 0);
        await Until(() => asked.Count == 2, "the next is asked for");
        Empty(journal, frames, segment: 3, but: 0);
        await Until(() => journal.Metrics.Deleted == 2, "it is given back");

        // What is left are less than two.
        await journal.Append(A, "a turn of the writer");
        Assert.Equal([2, 3], asked);
    }

    [Fact]
    public async Task A_topic_that_does_not_move_in_time_does_not_hold_up_the_others()
    {
        var time = new ManualTimeProvider();
        using var journal = new JournalFixture(new FaultyFiles(), time: time).Started();
        var asked = new List<int>();
        journal.OnCompact = (_, from, _) => asked.Add(FrameAddress.SegmentOf(from));
        var frames = await Fill(journal, segments: 4);
        for (var segment = 1; segment <= 4; segment++)
        {
            Empty(journal, frames, segment, but: 1);
        }

        Assert.Equal([1], asked);
        for (var next = 2; next <= 5; next++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal([.. Enumerable.Range(0, next).Select(n => (n % 4) + 1)], asked);
        }
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

    /// <summary>Fills segments with six large frames each, and begins another.</summary>
    private static async Task<List<long>> Fill(JournalFixture journal, int segments)
    {
        var frames = new List<long>();
        for (var n = 0; n <= 6 * segments; n++)
        {
            frames.Add(await journal.Append(A, Large));
        }

        Assert.Equal(segments + 1, FrameAddress.SegmentOf(frames[^1]));
        return frames;
    }

    /// <summary>Releases the frames of a segment but the last few; those that are released already stay so.</summary>
    private static void Empty(JournalFixture journal, List<long> frames, int segment, int but)
    {
        foreach (var address in frames.Where(address => FrameAddress.SegmentOf(address) == segment).SkipLast(but).ToList())
        {
            journal.Release(A, address, Large);
            frames.Remove(address);
        }
    }
}
