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
