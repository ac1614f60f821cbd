using System.Globalization;
using System.Text;

namespace Rookery.Local;

/// <summary>
/// The folder that holds everything the one-process host keeps. Opening it locks it, so that two processes never share it,
/// and checks the file <c>VERSION</c>, so that an older program never touches what a newer one wrote.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    /// <summary>The format that is written, and the highest that can be read.</summary>
    public const int Version = 1;

    private const string LockName = "lock";
    private const string VersionName = "VERSION";

    private const int SharingWindows = unchecked((int)0x80070020);
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream exclusive) => (Root, _lock) = (path, exclusive);

    /// <summary>The folder's full path.</summary>
    public string Root { get; }

    /// <summary>Opens the folder; creates it where there is none.</summary>
    /// <exception cref="NewerFormatException">A newer version wrote it; nothing was changed.</exception>
    /// <exception cref="FolderInUseException">Another process has it open.</exception>
    /// <exception cref="IOException">It cannot be read or written; the message says so.</exception>
    public static DataDirectory Open(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            CheckVersion(root);
            Create(root);
            var exclusive = Lock(root);
            try
            {
                // Another process may have written it before the lock was ours.
                if (!CheckVersion(root))
                {
                    WriteVersion(root);
                }

                return new DataDirectory(root, exclusive);
            }
            catch
            {
                exclusive.Dispose();
                throw;
            }
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"the data folder {root} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>The full path of something in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Gives the folder to others.</summary>
    public void Dispose() => _lock.Dispose();

    private static void Create(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (File.Exists(path))
        {
            throw new IOException($"the data folder {path} cannot be used: it is a file");
        }

        var parent = Path.GetDirectoryName(path);
        if (parent is not null)
        {
            Create(parent);
        }

        try
        {
            Directory.CreateDirectory(path);
        }
        catch (IOException exception)
        {
            throw new IOException($"the data folder {path} cannot be made: {exception.Message}", exception);
        }

        NativeDisk.SyncDirectory(parent ?? path);
    }

    private static FileStream Lock(string root)
    {
        var path = Path.Combine(root, LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult is SharingWindows or WouldBlockLinux or WouldBlockMac)
        {
            throw new FolderInUseException(root, path, exception);
        }
        catch (IOException exception)
        {
            throw new IOException($"the data folder {root} cannot be used: {exception.Message}", exception);
        }
    }

    private static bool CheckVersion(string root)
    {
        var path = Path.Combine(root, VersionName);
        if (!File.Exists(path))
        {
            return false;
        }

        var text = File.ReadAllText(path).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1)
        {
            throw new IOException($"{path} should hold a version number; it holds \"{Shown(text)}\"");
        }

        return version <= Version
            ? true
            : throw new NewerFormatException(
                $"{path} says version {version}: the folder was written by a newer version of this program, which reads up to version {Version}");
    }

    /// <summary>The beginning of a text, harmless to a terminal whatever it is.</summary>
    private static string Shown(string text) => string.Concat(
        text.Take(40).Select(c => char.IsControl(c) || char.IsSurrogate(c) || c == '\uFFFD' ? '?' : c));

    private static void WriteVersion(string root)
    {
        var path = Path.Combine(root, VersionName);
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write))
        {
            file.Write(Encoding.ASCII.GetBytes($"{Version}\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
        NativeDisk.SyncDirectory(root);
    }
}
