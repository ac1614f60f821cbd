using System.Collections.Concurrent;
using Rookery.Broker;
using static Rookery.Local.Tests.JournalFixture;

namespace Rookery.Local.Tests;

public class JournalFailureTests
{
    [Fact]
    public async Task A_segment_that_has_no_room_for_its_header_makes_way_for_a_smaller_one()
    {
        var files = new FaultyFiles();
        var attempts = 0;
        files.Before = operation =>
        {
            if (operation.StartsWith("write 0000000001", StringComparison.Ordinal) && ++attempts == 1)
            {
                throw new DiskFullException("no room");
            }
        };
        using var journal = new JournalFixture(files, new JournalOptions { SegmentBytes = 1 << 20 }).Started();
        Assert.Equal("one", await journal.Read(A, await journal.Append(A, "one")));
        Assert.Equal(["create 0000000001.segment 1048576", "create 0000000001.segment 524288"], files.Trace.Where(step => step.StartsWith("create 0000000001", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_power_loss_keeps_everything_confirmed()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        var confirmed = 0;
        var appended = 0;
        files.Before = operation =>
        {
            if (!operation.StartsWith("sync", StringComparison.Ordinal))
            {
                return;
            }

            // At every sync, across rolls: what power would leave now must hold all that was confirmed by now.
            var atLeast = Volatile.Read(ref confirmed);
            using var after = new JournalFixture(files.PowerLoss());
            Assert.InRange(after.Recovered.Count, atLeast, Volatile.Read(ref appended));
            Assert.Equal(Enumerable.Range(0, after.Recovered.Count).Select(Record), after.Recovered);
        };

        for (; confirmed < 60; confirmed++)
        {
            appended++;
            await journal.Append(A, Record(confirmed)[2..]);
        }

        Assert.True(files.Count("create 0") > 4, "it rolled several times");

        static string Record(int n) => "a:" + new string((char)('a' + (n % 26)), 5_000 + n);
    }

    [Fact]
    public async Task A_power_loss_that_tears_a_batch_of_many_topics_keeps_everything_confirmed()
    {
        const int seed = 20260101;
        var random = new Random(seed);
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        var confirmed = new ConcurrentBag<string>();
        var cuts = 0;
        files.Before = operation =>
        {
            if (!operation.StartsWith("sync 0", StringComparison.Ordinal))
            {
                return;
            }

            cuts++;
            var must = confirmed.ToArray();
            using var after = new JournalFixture(files.PowerLoss(random)).Started();
            Assert.Empty(must.Except(after.Recovered));
            Assert.Equal(after.Recovered.Count, after.Recovered.Distinct().Count());
        };

        await Task.WhenAll(Enumerable.Range(0, 10).Select(async t =>
        {
            for (var n = 0; n < 15; n++)
            {
                var records = $"{n} " + new string('x', 100 * t * (n % 7));
                await journal.Append(TopicName.Parse($"t{t}"), records);
                confirmed.Add($"t{t}:{records}");
            }
        }));
        Assert.Equal(150, confirmed.Count);
        Assert.True(cuts >= 15, $"power was lost {cuts} times (seed {seed})");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task On_a_full_disk_a_start_finds_the_room_that_the_run_before_it_had(bool killed)
    {
        var files = new FaultyFiles { Capacity = 5 << 20 };
        var options = new JournalOptions { SegmentBytes = 1 << 20 };
        var confirmed = new List<string>();
        for (var start = 1; start <= 4; start++)
        {
            using var journal = new JournalFixture(files, options).Started();
            Assert.Equal(confirmed, journal.Recovered);
            while (start == 1 && !journal.Journal.IsLow)
            {
                await Append(journal, new string('x', 200_000));
            }

            await Append(journal, $"acknowledged after start {start}");
            files.Fill($"somebody else's at {start}");
            if (!killed)
            {
                journal.Dispose();
            }

            files = files.Kill();
            files.Fill($"somebody else's behind {start}");
        }

        async Task Append(JournalFixture journal, string records)
        {
            await journal.Append(A, records);
            confirmed.Add($"a:{records}");
        }
    }

    [Fact]
    public async Task A_disk_without_room_for_a_full_segment_gets_a_small_one()
    {
        var files = new FaultyFiles();
        var options = new JournalOptions { SegmentBytes = 2 << 20 };
        using var journal = new JournalFixture(files, options).Started();
        files.Before = operation =>
        {
            if (operation.EndsWith($" {2 << 20}", StringComparison.Ordinal))
            {
                throw new DiskFullException("the disk is full");
            }
        };
        var large = new string('x', 1_500_000);
        await journal.Append(A, large);
        await journal.Append(A, "acknowledged");
        Assert.Equal(2, FrameAddress.SegmentOf(await journal.Append(A, new string('x', 700_000))));
        Assert.Equal(1 << 20, files["0000000002.segment"].Length);
        using var after = new JournalFixture(files.PowerLoss());
        Assert.Equal(3, after.Recovered.Count);
    }

    [Fact]
    public async Task A_failure_of_any_step_refuses_what_comes_and_loses_nothing_confirmed()
    {
        // A run without failure tells how many steps there are; then each of them fails once.
        var (steps, _, _) = await Run(failAt: int.MaxValue);
        Assert.True(steps > 40);
        for (var failAt = 0; failAt < steps; failAt++)
        {
            var (_, files, confirmed) = await Run(failAt);
            foreach (var disk in new[] { files.PowerLoss(), files.Kill() })
            {
                using var after = new JournalFixture(disk);
                Assert.True(
                    confirmed.All(after.Recovered.Contains), $"step {failAt} ({files.Trace[^1]}): something confirmed is missing");
            }
        }
    }

    [Fact]
    public async Task After_a_failed_sync_the_reopened_journal_drops_what_nobody_was_told_of_and_begins_a_new_segment()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        await journal.Append(A, "confirmed");
        files.Before = operation => FailOn(operation, "sync 0");

        var failed = await Assert.ThrowsAsync<JournalException>(() => journal.Append(A, "unknown"));
        Assert.Contains("may or may not", failed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(B, "refused"));
        var failure = await journal.Failure.Task.WaitAsync(Deadline);
        Assert.Equal(1, journal.Metrics.Failures);
        journal.Dispose();

        // Reading would show "unknown": the operating system still has it. The device may not.
        files.Before = null;
        using var again = new JournalFixture(files, after: failure).Started();
        Assert.Equal(["a:confirmed"], again.Recovered);
        Assert.Equal([FindingKind.Unconfirmed], again.Findings);
        var address = await again.Append(A, "later");
        Assert.Equal(2, FrameAddress.SegmentOf(address));
    }

    [Fact]
    public async Task A_full_disk_says_so_and_how_much_was_wanted()
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        files.Before = operation =>
        {
            if (operation.StartsWith("create 0", StringComparison.Ordinal))
            {
                throw new DiskFullException("the disk is full: 65,536 bytes were wanted for x");
            }
        };

        await journal.Append(A, new string('x', 40_000));
        var exception = await Assert.ThrowsAsync<JournalException>(() => journal.Append(A, new string('x', 40_000)));
        Assert.Contains("the disk is full: 65,536 bytes were wanted", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_cut_short_leaves_what_stood_before_it()
    {
        for (var bytes = 0; bytes < Frame(A, "cut short").Length; bytes++)
        {
            var files = new FaultyFiles();
            using var journal = new JournalFixture(files).Started();
            await journal.Append(A, "whole");
            files.ShortWrite = bytes;
            files.Before = operation => FailOn(operation, "write 0");
            await Assert.ThrowsAsync<JournalException>(() => journal.Append(A, "cut short"));

            using var after = new JournalFixture(files.Kill());
            Assert.Equal(["a:whole"], after.Recovered);
            Assert.Equal(bytes == 0 ? [] : [FindingKind.TornTail], after.Findings);
        }
    }

    [Fact]
    public void A_directory_that_cannot_be_read_or_written_is_named()
    {
        var files = new FaultyFiles { Location = "/some/where", Before = operation => FailOn(operation, "list") };
        var exception = Assert.Throws<JournalException>(() => new JournalFixture(files));
        Assert.Contains("/some/where", exception.Message, StringComparison.Ordinal);

        files.Before = operation => FailOn(operation, "create");
        using var readOnly = new JournalFixture(files);
        exception = Assert.Throws<JournalException>(() => readOnly.Started());
        Assert.Contains("/some/where", exception.Message, StringComparison.Ordinal);
    }

    private static void FailOn(string operation, string prefix)
    {
        if (operation.StartsWith(prefix, StringComparison.Ordinal))
        {
            throw new IOException($"injected: {operation}");
        }
    }

    /// <summary>Appends over several rolls, gives a segment back, reclaims another; step <paramref name="failAt"/> fails.</summary>
    private static async Task<(int Steps, FaultyFiles Files, List<string> Confirmed)> Run(int failAt)
    {
        var files = new FaultyFiles();
        var confirmed = new List<string>();
        var steps = 0;
        using var journal = new JournalFixture(files).Started();
        files.Before = operation =>
        {
            if (!operation.StartsWith("read", StringComparison.Ordinal) && Interlocked.Increment(ref steps) - 1 >= failAt)
            {
                throw new IOException($"injected at step {failAt}: {operation}");
            }
        };
        var kept = new List<(TopicName Topic, long Address, string Records)>();
        try
        {
            for (var n = 0; n < 30; n++)
            {
                var (topic, records) = (n % 2 == 0 ? A : B, $"{n}" + new string('x', 6_000));
                kept.Add((topic, await journal.Append(topic, records), records));
                confirmed.Add($"{topic}:{records}");
                if (n == 20)
                {
                    foreach (var (owner, address, old) in kept.Where(k => FrameAddress.SegmentOf(k.Address) == 1).ToList())
                    {
                        confirmed.Remove($"{owner}:{old}");
                        journal.Release(owner, address, old);
                    }

                    await Until(() => journal.Metrics.Deleted == 1 || journal.Journal.Failure is not null, "the empty segment is deleted");
                }
            }
        }
        catch (JournalException)
        {
            await journal.Failure.Task.WaitAsync(Deadline);
            await Assert.ThrowsAsync<JournalException>(() => journal.Append(A, "refused"));
        }

        journal.Dispose();
        return (steps, files, confirmed);
    }
}
