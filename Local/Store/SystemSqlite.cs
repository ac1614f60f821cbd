using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Rookery.Local;

/// <summary>
/// Binds the managed half of SQLite to the library the operating system brings along, so that nothing native is shipped.
/// </summary>
internal static class SystemSqlite
{
    private const string Requested = "e_sqlite3";

    private static readonly Lazy<string?> Failure = new(Bind);

    /// <summary>Loads the library; needed once before the first use of SQLite, and cheap after that.</summary>
    /// <exception cref="Tweets.StoreUnavailableException">There is none; the message says how to install it.</exception>
    public static void Load()
    {
        if (Failure.Value is { } why)
        {
            throw new Tweets.StoreUnavailableException(why);
        }
    }

    /// <summary>Names the library goes by, the likeliest first.</summary>
    internal static string[] Names() =>
        OperatingSystem.IsWindows() ? ["winsqlite3.dll", "sqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["/usr/lib/libsqlite3.dylib", "libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];

    /// <summary>What to tell who has none of <paramref name="names"/>.</summary>
    internal static string Missing(string[] names) =>
        $"SQLite was not found on this system (looked for {string.Join(", ", names)}); install it, e.g. "
        + "\"apt-get install libsqlite3-0\", \"dnf install sqlite-libs\", \"apk add sqlite-libs\", or run with --no-store";

    private static string? Bind()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        try
        {
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            return Missing(Names());
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Requested)
        {
            return 0;
        }

        foreach (var candidate in Names())
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle))
            {
                return handle;
            }
        }

        return 0;
    }
}
