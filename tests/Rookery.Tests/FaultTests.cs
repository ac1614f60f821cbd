using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Rookery.Broker;
using Rookery.Local;

namespace Rookery.Command.Tests;

/// <summary>What can go wrong around a whole process, and what it says and loses then.</summary>
public sealed partial class FaultTests : IDisposable
{
    private static readonly string[] FreePorts = ["--broker-port", "0", "--viewer-port", "0", "--feed-port", "0", "--http-port", "0"];

    private readonly string _data = Directory.CreateTempSubdirectory("rookery-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_source_that_is_down_in_trouble_or_no_stream_is_in_the_status_and_is_read_once_it_is_well()
    {
        await using var source = new TweetSource();
        await using var run = Run("--source", source.Uri, "--streams", "1");
        await run.LineAsync(l => l.Contains(" ! stream 1: ", StringComparison.Ordinal) && l.Contains("Connection refused", StringComparison.Ordinal));
        source.Answer("500 Internal Server Error", "text/plain", "sorry");
        source.Listen();
        await run.LineAsync(l => l.Contains(" ! stream 1: ", StringComparison.Ordinal) && l.Contains("answered 500", StringComparison.Ordinal));
        source.Answer("200 OK", "text/html", "<html>sorry</html>");
        await run.LineAsync(l => l.Contains(" ! stream 1: ", StringComparison.Ordinal) && l.Contains("answered with text/html", StringComparison.Ordinal));
        source.Stream(TweetSource.Tweet(1, "\"what a good day\""));
        await run.LineAsync(l => l.EndsWith(" total=1", StringComparison.Ordinal));
        Assert.Equal((0, 1, 1, 0), Sums(await StopAsync(run)));
    }

    [Theory]
    [InlineData("--broker-port")]
    [InlineData("--viewer-port")]
    [InlineData("--feed-port")]
    [InlineData("--http-port")]
    public async Task A_port_in_use_is_told_with_the_option_that_chooses_another(string option)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        string[] ports = [.. FreePorts];
        ports[Array.IndexOf(ports, option) + 1] = $"{port}";
        await using var run = RookeryProcess.Start(["run", "--data", _data, .. ports]);
        Assert.Equal(ExitCode.Failed, await run.ExitAsync());
        Assert.Contains($"127.0.0.1:{port}", run.Error, StringComparison.Ordinal);
        Assert.Contains("in use", run.Error, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains(" in use by ", run.Error, StringComparison.Ordinal);
            Assert.Contains($"(process {Environment.ProcessId}: ", run.Error, StringComparison.Ordinal);
        }

        Assert.Contains($"Choose another with {option} N", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task One_connection_too_many_is_told_and_keeps_nothing_from_being_published()
    {
        await using var run = Run("--rate", "200", "--max-connections", "1");
        var port = await run.PortAsync("broker on ");
        await using var sub = RookeryProcess.Start("sub", "tweets", "users", "--port", $"{port}");
        await sub.LineAsync(l => l.Contains(" tweets #", StringComparison.Ordinal));
        using var other = new TcpClient();
        await other.ConnectAsync("127.0.0.1", port);
        using var reader = new StreamReader(other.GetStream());
        Assert.Equal("error: too many connections: at most 1 are allowed", await reader.ReadLineAsync().WaitAsync(RookeryProcess.Deadline));
        await sub.LineAsync(l => l.Contains(" users #", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_segment_of_a_newer_version_is_told_and_nothing_touched()
    {
        var header = new byte[SegmentHeader.Size];
        SegmentHeader.Write(header, 1, DateTimeOffset.UnixEpoch);
        header[8] = 9;
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(28), Crc32C.Compute(header.AsSpan(0, 28)));
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_data, "journal")).FullName, SegmentName.Of(1));
        await File.WriteAllBytesAsync(file, header);
        await RefusedAsNewerAsync(SegmentName.Of(1));
        Assert.Equal(header, await File.ReadAllBytesAsync(file));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_told_and_nothing_touched()
    {
        var file = Path.Combine(_data, SqliteTweetStore.FileName);
        using (var database = SqliteDatabase.Open(file, readOnly: false, TimeSpan.Zero))
        {
            database.Execute("CREATE TABLE later(id); PRAGMA user_version = 99");
        }

        var before = await File.ReadAllBytesAsync(file);
        await RefusedAsNewerAsync(SqliteTweetStore.FileName);
        Assert.Equal(before, await File.ReadAllBytesAsync(file));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_told()
    {
        // Nobody may make files there, root included.
        await using var run = RookeryProcess.Start(["run", "--data", "/sys/kernel", .. FreePorts]);
        Assert.Equal(ExitCode.Failed, await run.ExitAsync());
        Assert.StartsWith("rookery: the data folder /sys/kernel cannot be used: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("Choose another folder with --data DIR", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_full_disk_stops_journal_and_store_in_words_and_with_room_everything_is_stored()
    {
        var disk = new SmallDisk(_data);
        await using var run = RookeryProcess.StartUnder(disk.Program, ["run", "--data", _data, "--rate", "300", "--seed", "3", .. FreePorts]);
        var line = await run.LineAsync(l => l.Contains(" store=down ", StringComparison.Ordinal));
        Assert.Contains(disk.StoreSays, said => line.Contains(said, StringComparison.Ordinal));
        disk.MakeRoom(run.Id);
        // The first line, later than that one, in which everything works.
        await run.LineAsync(l => l.StartsWith("00:", StringComparison.Ordinal) && string.CompareOrdinal(l, 0, line, 0, 8) > 0
            && l.Contains(" in=", StringComparison.Ordinal) && !l.Contains(" store=", StringComparison.Ordinal) && !l.Contains(" ! ", StringComparison.Ordinal));
        var (rejected, scored, stored, repeats) = Sums(await StopAsync(run));
        Assert.Equal(scored, stored + repeats);
        Assert.InRange(rejected, 0, 2);
    }

    [ProgramFact("sh")]
    public async Task A_limit_on_the_size_of_files_is_told_as_what_it_is()
    {
        string[] limited = ["sh", "-c", "trap '' XFSZ; ulimit -S -f 4096; DOTNET_EnableWriteXorExecute=0 exec \"$@\"", "sh"];
        await using var run = RookeryProcess.StartUnder(limited, ["run", "--data", _data, "--rate", "2000", .. FreePorts]);
        var line = await run.LineAsync(l => l.Contains(" store=down ", StringComparison.Ordinal));
        Assert.Matches("rookery.db(-wal)? has reached the limit of this process on the size of files, [0-9,]+ bytes \\(ulimit -f\\)", line);
    }

    [Theory]
    [InlineData("run", "--no-tweets", "--allow-open")]
    [InlineData("feed")]
    public async Task An_address_of_another_machine_is_told_with_the_setting_that_chooses_it(params string[] args)
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Failed, await shell.RunAsync([.. args, "--host", "192.0.2.1", .. args[0] == "run" ? new[] { "--data", _data } : []]));
        Assert.Contains("no network of this machine has that address. Choose one that it has with --host, or * for all\n", shell.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("-port", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_use_is_told_before_anything_of_it_is_read()
    {
        var journal = Directory.CreateDirectory(Path.Combine(_data, "journal")).FullName;
        await using (var segment = File.Create(Path.Combine(journal, SegmentName.Of(1))))
        {
            // It takes no room, and long to read.
            segment.SetLength(256 << 20);
        }

        using var inUse = DataDirectory.Open(_data);
        var shell = new Shell();
        Assert.Equal(ExitCode.Failed, await shell.RunAsync(["run", "--data", _data, .. FreePorts]));
        Assert.Contains("is in use by ", shell.Error, StringComparison.Ordinal);
        Assert.Empty(shell.Out);
    }

    [Fact]
    public async Task Who_has_a_folder_is_told_where_a_link_leads_to_it_too()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var inUse = DataDirectory.Open(Directory.CreateDirectory(Path.Combine(_data, "real")).FullName);
        var link = Directory.CreateSymbolicLink(Path.Combine(_data, "link"), Path.Combine(_data, "real")).FullName;
        var shell = new Shell();
        Assert.Equal(ExitCode.Failed, await shell.RunAsync(["run", "--data", link, .. FreePorts]));
        Assert.Contains($"{link} is in use by ", shell.Error, StringComparison.Ordinal);
        Assert.Contains($"(process {Environment.ProcessId}: ", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wish_to_stop_that_comes_before_everything_runs_is_no_failure()
    {
        var shell = new Shell();
        shell.Interruption.Request();
        Assert.Equal(ExitCode.Ok, await shell.RunAsync(["run", "--data", _data, .. FreePorts]));
        Assert.Equal("stopped before everything ran\n", shell.Out);
        Assert.Equal("", shell.Error);
    }

    [Fact]
    public async Task A_limit_on_the_size_of_files_is_told_like_a_full_disk_and_ends_nothing()
    {
        // Set once it runs: the runtime itself makes a file that is larger.
        await using var run = Run("--rate", "300", "--seed", "3");
        await run.LineAsync(l => l.Contains(" in=", StringComparison.Ordinal));
        using (var limit = Process.Start("prlimit", ["--pid", $"{run.Id}", "--fsize=65536:unlimited"]))
        {
            await limit.WaitForExitAsync();
            Assert.Equal(0, limit.ExitCode);
        }

        await run.LineAsync(l => l.Contains(" store=down ", StringComparison.Ordinal));
        using (var limit = Process.Start("prlimit", ["--pid", $"{run.Id}", "--fsize=unlimited:unlimited"]))
        {
            await limit.WaitForExitAsync();
        }

        await StopAsync(run);
    }

    [Fact]
    public async Task A_locked_database_is_waited_for_and_a_second_interrupt_ends_that()
    {
        await using var run = Run("--rate", "500", "--drain", "1h");
        await run.LineAsync(l => l.Contains(" stored=", StringComparison.Ordinal) && !l.Contains(" stored=0/s", StringComparison.Ordinal));
        using var database = SqliteDatabase.Open(Path.Combine(_data, SqliteTweetStore.FileName), readOnly: false, TimeSpan.FromSeconds(30));
        database.Execute("BEGIN IMMEDIATE");
        Assert.Contains("is locked by another program", await run.LineAsync(l => l.Contains(" store=down ", StringComparison.Ordinal)), StringComparison.Ordinal);
        await run.SignalAsync("INT");
        await run.LineAsync(l => l.StartsWith("stopping: finishing", StringComparison.Ordinal));
        var ended = run.ExitAsync();
        while (!ended.IsCompleted)
        {
            // What comes within half a second of the first is taken for its echo.
            await run.SignalAsync("INT");
            await Task.WhenAny(ended, Task.Delay(50));
        }

        Assert.Equal(ExitCode.Interrupted, await ended);
        database.Execute("ROLLBACK");
        Assert.Matches(@"; [1-9]\d* records? (was|were) given up unstored\n$", run.Out);
    }

    [Fact]
    public async Task What_cannot_be_stored_before_the_drain_is_over_is_counted_and_the_exit_code_says_so()
    {
        await using var run = Run("--rate", "500", "--drain", "500ms");
        await run.LineAsync(l => l.Contains(" stored=", StringComparison.Ordinal) && !l.Contains(" stored=0/s", StringComparison.Ordinal));
        using var database = SqliteDatabase.Open(Path.Combine(_data, SqliteTweetStore.FileName), readOnly: false, TimeSpan.FromSeconds(30));
        database.Execute("BEGIN IMMEDIATE");
        await run.LineAsync(l => l.Contains(" store=down ", StringComparison.Ordinal));
        await run.SignalAsync("INT");
        Assert.Equal(ExitCode.Failed, await run.ExitAsync());
        database.Execute("ROLLBACK");
        Assert.Matches(@"; [1-9]\d* records? (was|were) given up unstored\n$", run.Out);
        Assert.Matches(@"rookery: [1-9]\d* records? could not be stored within --drain 0\.5s and (is|are) lost", run.Error);
    }

    [Fact]
    public async Task An_interrupt_under_full_load_loses_nothing_that_was_read()
    {
        await using var run = Run("--rate", "unlimited");
        await run.LineAsync(l => l.Contains(" stored=", StringComparison.Ordinal) && !l.Contains(" stored=0/s", StringComparison.Ordinal));
        var (rejected, scored, stored, repeats) = Sums(await StopAsync(run));
        Assert.True(scored > 100);
        Assert.Equal(scored, stored + repeats);
        // Each stream may be cut in the middle of an event.
        Assert.InRange(rejected, 0, 2);
    }

    private RookeryProcess Run(params string[] args) => RookeryProcess.Start(["run", "--data", _data, .. FreePorts, .. args]);

    private async Task RefusedAsNewerAsync(string named)
    {
        await using var run = RookeryProcess.Start(["run", "--data", _data, .. FreePorts]);
        Assert.Equal(ExitCode.Failed, await run.ExitAsync());
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.Contains("newer version", run.Error, StringComparison.Ordinal);
        Assert.Contains("Use that version, or", run.Error, StringComparison.Ordinal);
        Assert.Contains("--data DIR", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<string> StopAsync(RookeryProcess run)
    {
        await run.SignalAsync("INT");
        await run.SucceedAsync();
        return run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
    }

    /// <summary>Reads the last line, in which nothing may be missing between what was read and what was scored.</summary>
    private static (long Rejected, long Scored, long Stored, long Repeats) Sums(string last)
    {
        var match = LastLine().Match(last);
        Assert.True(match.Success, last);
        long Number(string name) => match.Groups[name].Success ? long.Parse(match.Groups[name].Value, null) : 0;
        Assert.Equal(Number("read") + Number("inside"), Number("scored"));
        return (Number("rejected"), Number("scored"), Number("stored"), Number("repeats"));
    }

    [GeneratedRegex(@"^stopped: read (?<read>\d+) and (?<inside>\d+) inside them, scored (?<scored>\d+), stored (?<stored>\d+) \+ (?<repeats>\d+) repeats, (rejected (?<rejected>\d+), )?published \d+, delivered \d+$")]
    private static partial Regex LastLine();
}
