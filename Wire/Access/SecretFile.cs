namespace Rookery.Wire;

/// <summary>Reads files that hold secrets.</summary>
internal static class SecretFile
{
    private const int MostBytes = 16 << 20;

    // The group may read: how orchestrators hand a secret to a process that is not root.
    private const UnixFileMode TooOpen = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    /// <summary>All of a file that on Unix other users can neither read nor change.</summary>
    /// <exception cref="IOException">It cannot be read, or others can; the message names it and says what to do.</exception>
    public static byte[] Read(string path) => Read(path, isSecret: true);

    /// <summary>All of a file that may lie beside secrets, and that others may read.</summary>
    /// <exception cref="IOException">It cannot be read; the message names it.</exception>
    public static byte[] ReadPublic(string path) => Read(path, isSecret: false);

    private static byte[] Read(string path, bool isSecret)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (isSecret && !OperatingSystem.IsWindows() && File.GetUnixFileMode(file.SafeFileHandle) is var mode && (mode & TooOpen) != 0)
            {
                throw new IOException($"{path} can be read or changed by other users (its mode is {Convert.ToString((int)mode, 8)}): chmod 600 {path}");
            }

            using var bytes = new MemoryStream();
            var chunk = new byte[64 * 1024];
            for (int count; (count = file.Read(chunk)) > 0; bytes.Write(chunk, 0, count))
            {
                if (bytes.Length + count > MostBytes)
                {
                    throw new IOException($"{path} is too large: at most {MostBytes} bytes are allowed");
                }
            }

            return bytes.ToArray();
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"cannot read {path}: {(denied is UnauthorizedAccessException ? "access is denied" : "there is no such file")}", denied);
        }
    }
}
