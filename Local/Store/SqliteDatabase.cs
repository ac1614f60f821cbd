using System.Text;
using SQLitePCL;

namespace Rookery.Local;

/// <summary>One connection to a SQLite file, used by one thread at a time; what goes wrong becomes a clear exception.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly List<SqliteStatement> _statements = [];

    private SqliteDatabase(sqlite3 handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    /// <summary>The file, for messages.</summary>
    public string Path { get; }

    /// <summary>True between <c>BEGIN</c> and its end.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>Bytes of the batch that is to be written, for the message where there is no room for it; 0 where there is none.</summary>
    public long Batch { get; set; }

    /// <summary>Rows the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>Opens the file, and creates it where <paramref name="readOnly"/> is false.</summary>
    /// <exception cref="Tweets.StoreUnavailableException">It cannot be opened.</exception>
    public static SqliteDatabase Open(string path, bool readOnly, TimeSpan busyTimeout)
    {
        SystemSqlite.Load();
        // No mutex: every connection here belongs to one thread at a time.
        var flags = raw.SQLITE_OPEN_NOMUTEX
            | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var text = handle is null ? "" : raw.sqlite3_errmsg(handle).utf8_to_string();
            handle?.Dispose();
            throw SqliteFailure.Of(path, code, text);
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, (int)busyTimeout.TotalMilliseconds);
        return new SqliteDatabase(handle, path);
    }

    /// <summary>Runs statements that return nothing of interest.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>Compiles a statement to be used again and again; it lives as long as the database.</summary>
    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, Encoding.UTF8.GetBytes(sql), raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        var prepared = new SqliteStatement(this, statement);
        _statements.Add(prepared);
        return prepared;
    }

    /// <summary>Runs a query for its first number; 0 where there is no row or a null.</summary>
    public long Number(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var statement));
        using var query = new SqliteStatement(this, statement);
        return query.Step() ? query.Int64(0) : 0;
    }

    /// <summary>Throws what <paramref name="code"/> means, unless it means success.</summary>
    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw SqliteFailure.Of(Path, code, raw.sqlite3_errmsg(_handle).utf8_to_string(), Batch);
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _handle.Dispose();
    }
}
