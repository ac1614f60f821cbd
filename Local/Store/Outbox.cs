namespace Rookery.Local;

/// <summary>
/// The changes not yet published, numbered in commit order and written in the transaction that makes them: what was
/// committed is in it, and nothing else. One thread at a time.
/// </summary>
internal sealed class Outbox
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _note;
    private readonly SqliteStatement _trim;
    private readonly SqliteStatement _last;
    private long _number;
    private long _count;
    private long _dropped;
    private (long Number, long Count, long Dropped) _before;

    public Outbox(SqliteDatabase database)
    {
        _database = database;
        _note = database.Prepare("INSERT INTO changes VALUES (?, ?, ?)");
        _trim = database.Prepare("DELETE FROM changes WHERE number <= ?");
        _last = database.Prepare("UPDATE meta SET value = ? WHERE key = 'last_change'");
        // The last number stands apart from the rows: they may all be gone, and no number may ever come again.
        _number = database.Number("SELECT value FROM meta WHERE key = 'last_change'");
        _count = database.Number("SELECT count(*) FROM changes");
    }

    /// <summary>Changes that are in it.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Number of the newest change there ever was.</summary>
    public long Last => _number;

    /// <summary>Number of the oldest change that is in it; one above <see cref="Last"/> where there is none.</summary>
    public long First() => _database.Number("SELECT min(number) FROM changes") is > 0 and var first ? first : _number + 1;

    /// <summary>Changes dropped unpublished.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Adds a change.</summary>
    public void Note(ChangeKind kind, long id)
    {
        _note.Bind(1, ++_number);
        _note.Bind(2, (long)kind);
        _note.Bind(3, id);
        _note.Run();
        _count++;
    }

    /// <summary>Removes the changes up to a number.</summary>
    public void Trim(long number)
    {
        _trim.Bind(1, number);
        _trim.Run();
        _count -= _database.Changes;
    }

    /// <summary>Removes the oldest beyond so many.</summary>
    public void DropBeyond(int most)
    {
        if (_count > most)
        {
            var count = _count;
            // Numbers have gaps only where a transaction failed, so this keeps at most what is allowed.
            Trim(_number - most);
            _dropped += count - _count;
        }
    }

    public void Begin() => _before = (_number, _count, _dropped);

    /// <summary>Writes the last number, before the transaction is committed.</summary>
    public void End()
    {
        if (_number != _before.Number)
        {
            _last.Bind(1, _number);
            _last.Run();
        }
    }

    /// <summary>Forgets what a transaction that failed did.</summary>
    public void Undo() => (_number, _count, _dropped) = _before;
}
