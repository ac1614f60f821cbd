namespace Rookery.Local.Tests;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "rookery-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_path))
        {
            Directory.Delete(_path, recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_the_system_does_not_make_is_named_as_the_data_folder()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Nobody makes folders there, not even the administrator.
        var error = Assert.ThrowsAny<IOException>(() => DataDirectory.Open("/proc/nope"));
        Assert.StartsWith("the data folder /proc/nope cannot be ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_created_stamped_and_opened_again()
    {
        using (var directory = DataDirectory.Open(_path))
        {
            Assert.Equal("1\n", File.ReadAllText(directory.PathOf("VERSION")));
        }

        using var again = DataDirectory.Open(_path);
        Assert.Equal(_path, again.Root);
    }

    [Fact]
    public void A_second_opening_is_refused_and_says_why()
    {
        using var first = DataDirectory.Open(_path);
        var exception = Assert.ThrowsAny<IOException>(() => DataDirectory.Open(_path));
        Assert.Contains(_path, exception.Message, StringComparison.Ordinal);
        Assert.Contains("in use by another process", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_a_newer_version_is_refused_and_not_touched()
    {
        Directory.CreateDirectory(_path);
        File.WriteAllText(Path.Combine(_path, "VERSION"), "7\n");
        var exception = Assert.Throws<NewerFormatException>(() => DataDirectory.Open(_path));
        Assert.Contains("version 7", exception.Message, StringComparison.Ordinal);
        Assert.Contains("up to version 1", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["VERSION"], Directory.GetFileSystemEntries(_path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_version_that_is_none_is_named()
    {
        Directory.CreateDirectory(_path);
        File.WriteAllText(Path.Combine(_path, "VERSION"), "seven");
        var exception = Assert.ThrowsAny<IOException>(() => DataDirectory.Open(_path));
        Assert.Contains("\"seven\"", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_of_binary_rubbish_is_shown_harmlessly()
    {
        Directory.CreateDirectory(_path);
        File.WriteAllBytes(Path.Combine(_path, "VERSION"), [0x1B, (byte)'[', (byte)'m', 0, 0xFF, (byte)'x']);
        var exception = Assert.ThrowsAny<IOException>(() => DataDirectory.Open(_path));
        Assert.Contains("it holds \"?[m??x\"", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_the_place_of_a_segment_is_named()
    {
        Directory.CreateDirectory(Path.Combine(_path, "0000000007.segment"));
        var exception = Assert.Throws<IOException>(() => new JournalDirectory(_path).Open("0000000007.segment", write: false));
        Assert.Contains("0000000007.segment is a folder", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_that_cannot_be_had_for_another_reason_is_not_called_in_use()
    {
        Directory.CreateDirectory(_path);
        File.CreateSymbolicLink(Path.Combine(_path, "lock"), Path.Combine(_path, "lock"));
        var exception = Assert.ThrowsAny<IOException>(() => DataDirectory.Open(_path));
        Assert.StartsWith($"the data folder {_path} cannot be used: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_a_file_is_named()
    {
        File.WriteAllText(_path, "a file");
        try
        {
            var exception = Assert.ThrowsAny<IOException>(() => DataDirectory.Open(_path));
            Assert.Contains($"{_path} cannot be used: it is a file", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(_path);
        }
    }
}
