using System.Security.Cryptography;
using System.Text;
using Orleans.Storage;
using Rookery.Grains;

namespace Rookery.Cluster.Host;

/// <summary>
/// Grain storage in files, one per key, that the processes of one machine share. A record is written beside its place and
/// synced; it is inserted by a hard link, which succeeds for one of two, and replaced by a rename under a lock of the file
/// system. Its ETag is drawn anew with each write. While a file "down" is there, everything fails.
/// </summary>
internal sealed class FileStorage(string folder) : IGrainStorage
{
    private const int TagBytes = 16;
    private readonly string _folder = Directory.CreateDirectory(folder).FullName;

    // As over a network, nothing is done on the scheduler of the grain that asks.
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.Run(() =>
    {
        BeUp();
        if (Read(PathOf(stateName, grainId)) is { } found)
        {
            grainState.State = (T)(object)new LogRecord { Data = found[TagBytes..] };
            (grainState.ETag, grainState.RecordExists) = (TagOf(found), true);
        }
    });

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.Run(() =>
    {
        BeUp();
        var path = PathOf(stateName, grainId);
        byte[] bytes = [.. RandomNumberGenerator.GetBytes(TagBytes), .. ((LogRecord)(object)grainState.State!).Data];
        var written = Path.Combine(_folder, $"new-{Guid.NewGuid():N}");
        using (var file = new FileStream(written, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        try
        {
            if (!(grainState.ETag is null ? Native.Link(written, path) : Replace(written, path, grainState.ETag)))
            {
                throw new InconsistentStateException($"{stateName}/{grainId} is not what was read", "stored", grainState.ETag ?? "none");
            }
        }
        finally
        {
            File.Delete(written);
        }

        (grainState.ETag, grainState.RecordExists) = (TagOf(bytes), true);
    });

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.Run(() =>
    {
        BeUp();
        File.Delete(PathOf(stateName, grainId));
        grainState.RecordExists = false;
    });

    private static bool Replace(string written, string path, string eTag)
    {
        using var alone = FileLock.Take(path + ".lock");
        if (Read(path) is not { } there || TagOf(there) != eTag)
        {
            return false;
        }

        File.Move(written, path, overwrite: true);
        return true;
    }

    private static byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static string TagOf(byte[] bytes) => Convert.ToHexString(bytes, 0, TagBytes);

    // Names of topics may be longer than names of files.
    private string PathOf(string stateName, GrainId grainId) =>
        Path.Combine(_folder, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{stateName}/{grainId}"))));

    private void BeUp()
    {
        if (File.Exists(Path.Combine(_folder, "down")))
        {
            throw new IOException("the storage is down");
        }
    }
}
