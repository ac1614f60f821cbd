using Rookery.Broker;

namespace Rookery.Local.Tests;

public sealed class JournalDirectoryTests : IDisposable
{
    private const string AlwaysFull = "/dev/full";

    private readonly string _path = Path.Combine(Path.GetTempPath(), "rookery-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_path))
        {
            Directory.Delete(_path, recursive: true);
        }
    }

    [Fact]
    public async Task On_a_real_disk_frames_of_many_topics_over_many_segments_come_back()
    {
        var records = Enumerable.Range(0, 200).Select(n => new string((char)('a' + (n % 26)), n * 50)).ToList();
        using (var journal = new JournalFixture(new JournalDirectory(_path)).Started())
        {
            var addresses = await Task.WhenAll(records.Select((text, n) => journal.Append(TopicName.Parse($"t{n}"), text)));
            for (var n = 0; n < records.Count; n++)
            {
                Assert.Equal(records[n], await journal.Read(TopicName.Parse($"t{n}"), addresses[n]));
            }

            // Killed: the directory as another process would find it.
            var copy = _path + "-copy";
            Directory.CreateDirectory(copy);
            foreach (var file in Directory.GetFiles(_path))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }

            using var killed = new JournalFixture(new JournalDirectory(copy));
            Assert.Equal(records.Select((text, n) => $"t{n}:{text}").Order(), killed.Recovered.Order());
            Assert.Empty(killed.Findings);
            Directory.Delete(copy, recursive: true);
        }

        using var again = new JournalFixture(new JournalDirectory(_path));
        Assert.Equal(records.Select((text, n) => $"t{n}:{text}").Order(), again.Recovered.Order());
        Assert.Empty(again.Findings);
    }

    [Fact]
    public void A_new_file_has_its_space_reserved_and_reads_as_zeros()
    {
        var files = new JournalDirectory(_path);
        using var file = files.Create("x", 100_000);
        Assert.Equal(100_000, file.Length);
        var bytes = new byte[100_000];
        Assert.Equal(100_000, file.Read(bytes, 0));
        Assert.False(bytes.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_write_without_room_says_how_much_was_wanted()
    {
        // A device of Linux that is always full.
        if (!File.Exists(AlwaysFull))
        {
            Assert.True(NativeDisk.IsFull(new IOException("as on Windows", unchecked((int)0x80070070))));
            return;
        }

        using var file = new DiskFile(File.OpenHandle(AlwaysFull, access: FileAccess.Write), AlwaysFull);
        var exception = Assert.Throws<DiskFullException>(() => file.Write([new byte[300], new byte[45]], 0));
        Assert.Matches("345 bytes were wanted in /dev/full; [0-9,]+ bytes are free there$", exception.Message);
    }

    [Fact]
    public void A_file_larger_than_files_may_be_here_is_taken_for_a_full_disk()
    {
        // EFBIG, as from a limit of the process or of an old file system.
        Assert.True(NativeDisk.IsFull(new IOException("File too large", 27)));
        if (OperatingSystem.IsLinux())
        {
            var path = Path.Combine(Directory.CreateDirectory(_path).FullName, "huge");
            using var handle = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
            var exception = Assert.Throws<DiskFullException>(() => NativeDisk.Reserve(handle, long.MaxValue, path));
            Assert.Contains($"bytes were wanted for {path}", exception.Message, StringComparison.Ordinal);
        }
    }
}
