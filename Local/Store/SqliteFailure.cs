using Rookery.Tweets;
using SQLitePCL;

namespace Rookery.Local;

/// <summary>What the result codes of SQLite mean to who runs the store.</summary>
internal static class SqliteFailure
{
    /// <summary>The exception for a failed call.</summary>
    /// <param name="path">The file.</param>
    /// <param name="code">What SQLite answered.</param>
    /// <param name="text">The same in its words.</param>
    /// <param name="batch">Bytes of the batch that is to be written; 0 where there is none.</param>
    /// <returns>
    /// <see cref="StoreRejectedException"/> where the data are to blame, so that writing them again would fail again;
    /// else <see cref="StoreUnavailableException"/>.
    /// </returns>
    public static Exception Of(string path, int code, string text, long batch = 0)
    {
        if ((code & 0xFF) is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH)
        {
            return new StoreRejectedException($"{path} does not take these data (SQLite {code}: {text})");
        }

        var reason = FileSizeLimit.Reason(path, code) ?? (code & 0xFF) switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "is locked by another program",
            raw.SQLITE_FULL => $"has no room left{For(batch)}: the disk is full or the size limit of the file is reached{NativeDisk.Free(path)}",
            raw.SQLITE_READONLY => "is read-only",
            raw.SQLITE_CANTOPEN => "cannot be opened or created: check that the folder exists and may be written",
            raw.SQLITE_PERM or raw.SQLITE_AUTH => "may not be accessed: permission denied",
            raw.SQLITE_CORRUPT => "is damaged; it is left as it is: restore it from a backup or move it away to start anew",
            raw.SQLITE_NOTADB => "is no SQLite database; it is left as it is: move it away to start anew",
            raw.SQLITE_IOERR => "cannot be read or written: the disk reports an error",
            raw.SQLITE_NOMEM => "cannot be used: out of memory",
            _ => "failed",
        };
        return new StoreUnavailableException($"{path} {reason} (SQLite {code}: {text})");
    }

    private static string For(long batch) => batch > 0 ? $" for a batch of tweets of {batch:N0} bytes" : "";
}
