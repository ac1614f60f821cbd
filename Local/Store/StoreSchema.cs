using System.Globalization;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>The tables of <c>rookery.db</c>, and the stamp that says which version of them a file holds.</summary>
internal static class StoreSchema
{
    /// <summary>Kept in <c>PRAGMA user_version</c>; 0 is an empty file.</summary>
    public const int Version = 1;

    private const int PageBytes = 8192;

    // Tweet ids grow with time, so new rows go to the end of the table and, in its indexes, to the end of the run of equal
    // scores (most are 0): few pages change per batch, which is what a write costs.
    private const string Tables = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
        CREATE TABLE users(
            id INTEGER PRIMARY KEY,
            screen_name TEXT NOT NULL,
            name TEXT NOT NULL,
            followers INTEGER NOT NULL,
            tweet_id INTEGER NOT NULL);
        CREATE TABLE users_engagements(
            user_id INTEGER PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
            count INTEGER NOT NULL,
            sum REAL NOT NULL,
            mean REAL GENERATED ALWAYS AS (sum / count) VIRTUAL);
        CREATE TABLE originals(
            id INTEGER PRIMARY KEY,
            stored_at INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            brotli BLOB NOT NULL);
        CREATE TABLE tweets(
            id INTEGER PRIMARY KEY,
            user_id INTEGER REFERENCES users(id),
            created_at INTEGER,
            lang TEXT,
            text TEXT NOT NULL,
            censored TEXT,
            hashtags TEXT,
            favorites INTEGER NOT NULL,
            retweets INTEGER NOT NULL,
            followers INTEGER NOT NULL,
            sentiment REAL,
            engagement REAL,
            retweeted_id INTEGER,
            quoted_id INTEGER,
            original INTEGER NOT NULL,
            original_at INTEGER NOT NULL,
            original_bytes INTEGER NOT NULL);
        CREATE INDEX tweets_by_user ON tweets(user_id);
        CREATE INDEX tweets_by_time ON tweets(created_at);
        CREATE INDEX tweets_by_sentiment ON tweets(sentiment);
        CREATE INDEX tweets_by_engagement ON tweets(engagement);
        CREATE INDEX tweets_by_original ON tweets(original);
        CREATE TABLE changes(number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id INTEGER NOT NULL);
        """;

    /// <summary>Makes the connection a writer, and the tables where the file is new.</summary>
    /// <exception cref="NewerDataException">The file was written by a newer version; it was not touched.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be used at present, or is damaged.</exception>
    public static void Prepare(SqliteDatabase database, StoreDurability durability)
    {
        var version = CheckVersion(database);
        if (version == 0 && database.Number("SELECT count(*) FROM sqlite_schema") > 0)
        {
            throw new StoreUnavailableException(
                $"{database.Path} is a database of another program; it is left as it is: move it away or use another data folder");
        }

        var fresh = version == 0;
        if (fresh)
        {
            // Both must stand before the first page is written.
            database.Execute($"PRAGMA page_size = {PageBytes}; PRAGMA auto_vacuum = INCREMENTAL");
        }

        database.Execute("PRAGMA journal_mode = WAL");
        database.Execute($"PRAGMA synchronous = {(durability == StoreDurability.Full ? "FULL" : "NORMAL")}");
        // A long log lets pages that change again and again be copied to the file once.
        database.Execute($"PRAGMA wal_autocheckpoint = {(128 << 20) / PageBytes}; PRAGMA journal_size_limit = {256 << 20}");
        database.Execute("PRAGMA cache_size = -49152; PRAGMA foreign_keys = ON");
        if (fresh)
        {
            Create(database);
        }
    }

    /// <summary>The version of a file, which this program can read.</summary>
    /// <exception cref="NewerDataException">The file was written by a newer version; it was not touched.</exception>
    public static long CheckVersion(SqliteDatabase database)
    {
        var version = database.Number("PRAGMA user_version");
        return version <= Version ? version : throw new NewerDataException(
            $"{database.Path} was written by a newer version of Rookery (its schema is {version}, this one knows {Version}); "
            + "nothing in it was changed");
    }

    private static void Create(SqliteDatabase database)
    {
        database.Execute("BEGIN IMMEDIATE");
        try
        {
            database.Execute(Tables);
            // A name of its own per database: a fresh folder is another producer, whose numbers begin at 1 again.
            var producer = string.Create(CultureInfo.InvariantCulture, $"rookery-store-{Guid.CreateVersion7():N}");
            database.Execute($"INSERT INTO meta VALUES ('producer', '{producer}'), ('last_change', 0)");
            database.Execute($"PRAGMA user_version = {Version}");
            database.Execute("COMMIT");
        }
        catch (StoreUnavailableException)
        {
            if (database.InTransaction)
            {
                database.Execute("ROLLBACK");
            }

            throw;
        }
    }
}

/// <summary>The data were written by a newer version of the program, and were left as they are.</summary>
public sealed class NewerDataException : Exception
{
    /// <summary>With what was found and what this version knows.</summary>
    public NewerDataException(string message) : base(message)
    {
    }

    /// <summary>With what was found and its cause.</summary>
    public NewerDataException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Without details.</summary>
    public NewerDataException() : base("The data were written by a newer version.")
    {
    }
}
