using Rookery.Broker;
using static Rookery.Local.Tests.JournalFixture;

namespace Rookery.Local.Tests;

public class JournalDamageTests
{
    private const string First = "0000000001.segment";

    [Fact]
    public async Task The_last_batch_torn_at_any_byte_leaves_what_stood_before_it()
    {
        var (disk, starts) = await Written("one", "two", "the last one");
        var whole = disk[First];
        for (var length = starts[2]; length < whole.Length; length++)
        {
            var torn = disk.Kill();
            torn[First] = whole[..length];
            AssertTorn(torn, length > starts[2]);

            // Reserved zeros behind the tear must not change that.
            torn = disk.Kill();
            torn[First] = [.. whole[..length], .. new byte[1000]];
            AssertTorn(torn, whole.AsSpan(starts[2]..length).ContainsAnyExcept((byte)0));
        }

        static void AssertTorn(FaultyFiles torn, bool said)
        {
            using (var after = new JournalFixture(torn).Started())
            {
                Assert.Equal(["a:one", "b:two"], after.Recovered);
                Assert.Equal(said ? [FindingKind.TornTail] : [], after.Findings);
            }

            using var again = new JournalFixture(torn);
            Assert.Equal(["a:one", "b:two"], again.Recovered);
            Assert.Empty(again.Findings);
        }
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_is_named_and_confined_to_the_frame_it_hit()
    {
        var (disk, starts) = await Written("one", "two", "three", "four");
        var whole = disk[First];
        string[] all = ["a:one", "b:two", "a:three", "b:four"];
        for (var offset = 0; offset < whole.Length; offset++)
        {
            var hit = starts.FindLastIndex(start => offset >= start);
            var flipped = disk.Kill();
            var bytes = (byte[])whole.Clone();
            bytes[offset] ^= (byte)(1 << (offset % 8));
            flipped[First] = bytes;

            using var after = new JournalFixture(flipped);
            Assert.Equal(all.Where((_, index) => index != hit), after.Recovered);
            var finding = Assert.Single(after.Journal.Report.Findings);
            Assert.Equal(First, finding.File);
            Assert.Equal(hit == 3 ? FindingKind.TornTail : FindingKind.Damage, finding.Kind);
            Assert.Equal(hit < 0 ? 0 : starts[hit], finding.Offset);
            Assert.Equal(hit < 0 ? SegmentHeader.Size : Frame(A, all[hit][2..]).Length, finding.Bytes);
        }
    }

    [Fact]
    public async Task A_hole_in_a_segment_that_is_not_the_last_is_skipped_and_nothing_is_cut_off()
    {
        var (disk, starts) = await Written("one", "two", "three");
        using (var next = new JournalFixture(disk).Started())
        {
            await next.Append(A, "in the next segment");
        }

        var bytes = disk[First];
        bytes.AsSpan(starts[2]).Fill(0xEE);
        disk[First] = bytes;
        using var after = new JournalFixture(disk);
        Assert.Equal(["a:one", "b:two", "a:in the next segment"], after.Recovered);
        Assert.Equal([FindingKind.Damage], after.Findings);
        Assert.Equal(bytes, disk[First]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_a_full_segment_that_got_lost_is_named_although_it_looks_like_reserved_space(bool zeroed)
    {
        var (disk, starts) = await Written("one", "two", "three");
        await Append(disk, "in the next segment");
        var bytes = disk[First];
        var lost = bytes.Length - starts[2];
        bytes.AsSpan(starts[2]).Clear();
        disk[First] = zeroed ? bytes : bytes[..starts[2]];

        using var after = new JournalFixture(disk);
        Assert.Equal(["a:one", "b:two", "a:in the next segment"], after.Recovered);
        var finding = Assert.Single(after.Journal.Report.Findings);
        Assert.Equal((FindingKind.Damage, (long)starts[2], (long)lost), (finding.Kind, finding.Offset, finding.Bytes));
    }

    [Fact]
    public async Task A_missing_segment_is_named_and_the_rest_is_served()
    {
        var (disk, _) = await Written("one");
        await Append(disk, "two");
        await Append(disk, "three");
        disk.Remove("0000000002.segment");

        using var after = new JournalFixture(disk);
        Assert.Equal(["a:one", "a:three"], after.Recovered);
        var finding = Assert.Single(after.Journal.Report.Findings);
        Assert.Equal((FindingKind.MissingSegment, "0000000002.segment"), (finding.Kind, finding.File));
    }

    [Fact]
    public async Task A_number_is_never_used_again_even_if_its_segment_got_lost()
    {
        var (disk, _) = await Written("one");
        await Append(disk, "two");
        disk.Remove("0000000002.segment");
        using var after = new JournalFixture(disk).Started();
        Assert.Equal(3, FrameAddress.SegmentOf(await after.Append(A, "three")));
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("1.segment")]
    [InlineData("0000000000.segment")]
    [InlineData("0000000001.segment~")]
    public async Task A_foreign_file_is_named_and_left_alone(string name)
    {
        var (disk, _) = await Written("one");
        disk[name] = [1, 2, 3];
        using var after = new JournalFixture(disk).Started();
        Assert.Equal(["a:one"], after.Recovered);
        var finding = Assert.Single(after.Journal.Report.Findings);
        Assert.Equal((FindingKind.ForeignFile, name), (finding.Kind, finding.File));
        Assert.Equal([1, 2, 3], disk[name]);
    }

    [Fact]
    public async Task Noise_under_the_name_of_a_segment_is_named_and_left_alone()
    {
        var (disk, _) = await Written("one");
        var noise = new byte[5000];
        new Random(7).NextBytes(noise);
        disk["0000000009.segment"] = noise;
        using (var after = new JournalFixture(disk).Started())
        {
            Assert.Equal(["a:one"], after.Recovered);
            Assert.Equal([FindingKind.ForeignFile], after.Findings);
            await after.Append(A, "two");
        }

        using var again = new JournalFixture(disk);
        Assert.Equal(["a:one", "a:two"], again.Recovered);
        Assert.Equal([FindingKind.ForeignFile], again.Findings);
        Assert.Equal(noise, disk["0000000009.segment"]);
    }

    [Fact]
    public async Task A_segment_copied_under_another_name_is_foreign()
    {
        var (disk, _) = await Written("one");
        disk["0000000009.segment"] = disk[First];
        using var after = new JournalFixture(disk);
        Assert.Equal(["a:one"], after.Recovered);
        Assert.Equal([FindingKind.ForeignFile], after.Findings);
    }

    [Fact]
    public async Task A_segment_of_a_newer_version_stops_everything_and_nothing_is_touched()
    {
        var (disk, starts) = await Written("one", "two");
        disk[First] = disk[First][..(starts[1] + 5)];
        var header = new byte[SegmentHeader.Size];
        SegmentHeader.Write(header, 2, DateTimeOffset.UnixEpoch);
        header[8] = 9;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(28), Crc32C.Compute(header.AsSpan(0, 28)));
        disk["0000000002.segment"] = header;

        var before = disk.List().ToDictionary(name => name, name => disk[name]);
        var exception = Assert.Throws<NewerFormatException>(() => new JournalFixture(disk));
        Assert.Contains("0000000002.segment", exception.Message, StringComparison.Ordinal);
        Assert.Contains("version 9", exception.Message, StringComparison.Ordinal);
        Assert.Contains("up to version 1", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, disk.List().ToDictionary(name => name, name => disk[name]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(70_000)]
    public async Task A_segment_whose_creation_was_cut_short_is_removed(int length)
    {
        var (disk, _) = await Written("one");
        disk["0000000002.segment"] = new byte[length];
        using var after = new JournalFixture(disk).Started();
        Assert.Equal(["a:one"], after.Recovered);
        Assert.Equal([FindingKind.TornTail], after.Findings);
        Assert.DoesNotContain("0000000002.segment", disk.List());
        Assert.Equal(3, FrameAddress.SegmentOf(await after.Append(A, "two")));
    }

    [Fact]
    public async Task A_lost_or_damaged_list_of_segments_is_named_and_written_anew()
    {
        var (disk, _) = await Written("one");
        await Append(disk, "two");
        foreach (var spoil in new Action[] { () => disk.Remove(SegmentList.FileName), () => disk[SegmentList.FileName] = "1 2\ncrc32c 0\n"u8.ToArray() })
        {
            spoil();
            using (var after = new JournalFixture(disk).Started())
            {
                Assert.Equal(["a:one", "a:two"], after.Recovered);
                Assert.Equal([FindingKind.NoSegmentList], after.Findings);
            }

            using var again = new JournalFixture(disk);
            Assert.Empty(again.Findings);
        }
    }

    [Fact]
    public async Task One_later_segment_without_its_list_is_not_taken_for_all_there_was()
    {
        var (disk, _) = await Written("one");
        await Append(disk, "two");
        disk.Remove(First);
        disk.Remove(SegmentList.FileName);
        using var after = new JournalFixture(disk);
        Assert.Equal(["a:two"], after.Recovered);
        Assert.Equal([FindingKind.NoSegmentList], after.Findings);
    }

    [Fact]
    public async Task A_sector_that_cannot_be_read_hits_only_its_frames()
    {
        var (disk, _) = await Written(new string('1', 10_000), new string('2', 10_000), new string('3', 10_000));
        await Append(disk, "next");
        var reads = 0;
        disk.Before = operation =>
        {
            // The large read fails, and of the small ones that follow the fourth: bytes 12,288 to 16,384 from the frames' start.
            if (operation == $"read {First}" && ++reads is 2 or 6)
            {
                throw new IOException("injected: bad sector");
            }
        };
        using var after = new JournalFixture(disk);
        Assert.Equal(["a:" + new string('1', 10_000), "a:" + new string('3', 10_000), "a:next"], after.Recovered);
        Assert.Contains(after.Journal.Report.Findings, finding => finding.What.Contains("bad sector", StringComparison.Ordinal));
        Assert.Contains(after.Journal.Report.Findings, finding => finding.What.Contains("topic b", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Random_damage_never_stops_recovery_and_never_invents_a_frame()
    {
        const int seed = 7;
        var random = new Random(seed);
        string[] records = [.. Enumerable.Range(0, 20).Select(n => $"{n}" + new string('x', n * 10))];
        var (disk, _) = await Written(records);
        await Append(disk, "in the next segment");
        string[] all = [.. records.Select((text, n) => (n % 2 == 0 ? "a:" : "b:") + text), "a:in the next segment"];
        for (var round = 0; round < 2_000; round++)
        {
            var damaged = disk.Kill();
            var bytes = damaged[First];
            for (var hits = random.Next(1, 5); hits > 0; hits--)
            {
                var (from, length) = (random.Next(bytes.Length), random.Next(1, 64));
                var part = bytes.AsSpan(from, Math.Min(length, bytes.Length - from));
                switch (random.Next(4))
                {
                    case 0: random.NextBytes(part); break;
                    case 1: part.Clear(); break;
                    case 2: bytes.AsSpan(random.Next(bytes.Length - part.Length), part.Length).CopyTo(part); break;
                    default: bytes = [.. bytes[..from], .. bytes[(from + part.Length)..]]; break;
                }
            }

            damaged[First] = bytes;
            using var after = new JournalFixture(damaged);
            Assert.True(after.Recovered.All(all.Contains), $"seed {seed}, round {round}: a frame that was never written");
            Assert.Equal("a:in the next segment", after.Recovered[^1]);
            var lost = all.Length - after.Recovered.Distinct().Count();
            Assert.True(lost == 0 || after.Journal.Report.FindingCount > 0, $"seed {seed}, round {round}: {lost} frames lost in silence");
        }
    }

    /// <summary>A disk with one segment that holds these records, of topics a and b in turn, and where each frame begins.</summary>
    private static async Task<(FaultyFiles Disk, List<int> Starts)> Written(params string[] records)
    {
        var files = new FaultyFiles();
        using var journal = new JournalFixture(files).Started();
        var starts = new List<int>();
        for (var n = 0; n < records.Length; n++)
        {
            starts.Add((int)FrameAddress.OffsetOf(await journal.Append(n % 2 == 0 ? A : B, records[n])));
        }

        journal.Dispose();
        return (files, starts);
    }

    private static async Task Append(FaultyFiles disk, string records)
    {
        using var journal = new JournalFixture(disk).Started();
        await journal.Append(A, records);
    }
}
