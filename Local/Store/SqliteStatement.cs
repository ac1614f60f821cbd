using SQLitePCL;

namespace Rookery.Local;

/// <summary>A compiled statement: bind from 1, step, read columns from 0, reset.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(SqliteDatabase database, sqlite3_stmt statement)
    {
        _database = database;
        _statement = statement;
    }

    public void Bind(int index, long value) => _database.Check(raw.sqlite3_bind_int64(_statement, index, value));

    public void Bind(int index, double value) => _database.Check(raw.sqlite3_bind_double(_statement, index, value));

    public void BindNull(int index) => _database.Check(raw.sqlite3_bind_null(_statement, index));

    /// <summary>Binds a number, or null where there is none.</summary>
    public void BindOrNull(int index, long? value)
    {
        if (value is { } number)
        {
            Bind(index, number);
        }
        else
        {
            BindNull(index);
        }
    }

    /// <summary>Binds a number, or null where there is none.</summary>
    public void BindOrNull(int index, double? value)
    {
        if (value is { } number)
        {
            Bind(index, number);
        }
        else
        {
            BindNull(index);
        }
    }

    /// <summary>Binds a text; an empty one is a text too, not null, which is what a span of nothing would be taken for.</summary>
    public void BindText(int index, ReadOnlySpan<byte> utf8) => _database.Check(
        utf8.IsEmpty ? raw.sqlite3_bind_text(_statement, index, "") : raw.sqlite3_bind_text(_statement, index, utf8));

    public void BindBlob(int index, ReadOnlySpan<byte> bytes) => _database.Check(raw.sqlite3_bind_blob(_statement, index, bytes));

    /// <summary>Goes on to the next row.</summary>
    /// <returns>False where there is none; the statement is reset then.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        // Reset reports the step's own failure again; it must happen either way, or the statement keeps its locks.
        raw.sqlite3_reset(_statement);
        _database.Check(code);
        return false;
    }

    /// <summary>Runs a statement that returns no row.</summary>
    public void Run() => Step();

    public void Reset() => raw.sqlite3_reset(_statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public double Double(int column) => raw.sqlite3_column_double(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? "";

    /// <summary>The bytes of a text or blob, valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public void Dispose() => _statement.Dispose();
}
