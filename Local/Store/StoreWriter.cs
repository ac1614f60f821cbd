using System.Diagnostics;
using System.Runtime.InteropServices;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>Writes batches over the one writing connection: a batch is a transaction. One thread at a time.</summary>
internal sealed class StoreWriter : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStoreOptions _options;
    private readonly TweetUpsert _tweets;
    private readonly UserUpsert _users;
    private readonly Outbox _outbox;
    private readonly StoreRetention _retention;
    private readonly SqliteStatement _original;
    private long _lastOriginal;

    public StoreWriter(SqliteDatabase database, SqliteStoreOptions options)
    {
        _database = database;
        _options = options;
        StoreSchema.Prepare(database, options.Durability);
        _users = new UserUpsert(database);
        _tweets = new TweetUpsert(database);
        _outbox = new Outbox(database);
        _retention = new StoreRetention(database, options);
        _original = database.Prepare("INSERT INTO originals VALUES (?, ?, ?, ?)");
        _lastOriginal = database.Number("SELECT max(id) FROM originals");
        Producer = ReadProducer(database);
    }

    /// <summary>The name under which the changes of this file are published.</summary>
    public string Producer { get; }

    /// <summary>Number of the newest change.</summary>
    public long LastChange => _outbox.Last;

    /// <summary>Number of the oldest change that is still there.</summary>
    public long FirstChange() => _outbox.First();

    /// <summary>Changes dropped unpublished since the file was opened.</summary>
    public long DroppedChanges => _outbox.Dropped;

    /// <summary>True where no transaction is open: what failed was undone.</summary>
    public bool IsAtRest => !_database.InTransaction;

    /// <summary>Tweets in the file.</summary>
    public long Tweets => _retention.Tweets;

    /// <summary>Tweets that went because of a bound, since the file was opened.</summary>
    public long Expired => _retention.Expired;

    /// <summary>Writes a batch, its changes, and what has to go, all or nothing.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="originals">Their packed JSON.</param>
    /// <param name="published">Changes up to this number are needed no more.</param>
    /// <param name="now">Milliseconds since 1970 (UTC).</param>
    public StoreReceipt Write(StoreBatch batch, OriginalsPacker originals, long published, long now)
    {
        _database.Batch = batch.Bytes;
        Begin();
        try
        {
            var start = Stopwatch.GetTimestamp();
            WriteUsers(batch);
            var usersTime = Stopwatch.GetElapsedTime(start);
            start = Stopwatch.GetTimestamp();
            WriteOriginals(originals, now);
            var inserted = WriteTweets(batch, originals);
            var tweetsTime = Stopwatch.GetElapsedTime(start);
            start = Stopwatch.GetTimestamp();
            _users.AddEngagements(_tweets.Gains);
            usersTime += Stopwatch.GetElapsedTime(start);
            start = Stopwatch.GetTimestamp();
            _outbox.Trim(published);
            if (_options.OutboxOverflow == OutboxOverflow.DropOldest)
            {
                _outbox.DropBeyond(_options.MaxUnpublished);
            }

            _retention.Apply(inserted, originals.Count, now);
            Commit();
            tweetsTime += Stopwatch.GetElapsedTime(start);
            _lastOriginal += originals.Count;
            return new StoreReceipt(inserted, batch.TweetCount - inserted, batch.UserCount, tweetsTime, usersTime);
        }
        catch
        {
            Abort();
            throw;
        }
        finally
        {
            _database.Batch = 0;
        }
    }

    /// <summary>Forgets changes up to this number.</summary>
    public void Trim(long published)
    {
        Begin();
        try
        {
            _outbox.Trim(published);
            Commit();

            // It comes when nothing is written for a while: pages that were kept in memory are read again when they are wanted.
            _database.Execute("PRAGMA shrink_memory");
        }
        catch
        {
            Abort();
            throw;
        }
    }

    /// <summary>Takes the write lock and gives it back; throws what stands in the way.</summary>
    public void Probe()
    {
        _database.Execute("BEGIN IMMEDIATE");
        try
        {
            // Beginning alone does not find out that a disk is full or read-only; writing a page does.
            _database.Execute("UPDATE meta SET value = value WHERE key = 'last_change'");
            _database.Execute("COMMIT");
        }
        catch
        {
            Abort();
            throw;
        }
    }

    public void Dispose() => _database.Dispose();

    private static string ReadProducer(SqliteDatabase database)
    {
        var query = database.Prepare("SELECT value FROM meta WHERE key = 'producer'");
        if (!query.Step())
        {
            throw new StoreUnavailableException($"{database.Path} is damaged: it names no producer; it is left as it is");
        }

        var producer = query.Text(0);
        query.Reset();
        return producer;
    }

    private void WriteUsers(StoreBatch batch)
    {
        for (var i = 0; i < batch.UserCount; i++)
        {
            var user = batch.User(i);
            var created = _users.Write(user);
            if (_options.NoteChanges)
            {
                _outbox.Note(created ? ChangeKind.UserCreated : ChangeKind.UserUpdated, user.Id);
            }
        }
    }

    private void WriteOriginals(OriginalsPacker originals, long now)
    {
        for (var i = 0; i < originals.Count; i++)
        {
            _original.Bind(1, _lastOriginal + 1 + i);
            _original.Bind(2, now);
            _original.Bind(3, originals.Bytes(i));
            _original.BindBlob(4, originals.Packed(i));
            _original.Run();
        }
    }

    private int WriteTweets(StoreBatch batch, OriginalsPacker originals)
    {
        _tweets.Gains.Clear();
        var inserted = 0;
        for (var i = 0; i < batch.TweetCount; i++)
        {
            var tweet = batch.Tweet(i);
            var place = originals.Places[i];
            var created = _tweets.Write(tweet, _lastOriginal + 1 + place.Chunk, place.Offset);
            inserted += created ? 1 : 0;
            if (_options.NoteChanges)
            {
                _outbox.Note(created ? ChangeKind.TweetCreated : ChangeKind.TweetUpdated, tweet.Id);
            }
        }

        return inserted;
    }

    private void Begin()
    {
        _database.Execute("BEGIN IMMEDIATE");
        _outbox.Begin();
        _retention.Begin();
    }

    private void Commit()
    {
        _outbox.End();
        _database.Execute("COMMIT");
    }

    private void Abort()
    {
        _outbox.Undo();
        _retention.Undo();
        if (_database.InTransaction)
        {
            try
            {
                _database.Execute("ROLLBACK");
            }
            catch (StoreUnavailableException)
            {
                // What failed before is what the caller wants to know; the connection is opened anew after it.
            }
        }
    }
}

/// <summary>By how much a user's engagement grew in a batch.</summary>
/// <param name="Count">Tweets more.</param>
/// <param name="Sum">Score more.</param>
internal readonly record struct EngagementGain(int Count, double Sum);

internal static class EngagementGains
{
    /// <summary>Adds to the gain of a user.</summary>
    public static void Add(this Dictionary<long, EngagementGain> gains, long user, int count, double sum)
    {
        ref var gain = ref CollectionsMarshal.GetValueRefOrAddDefault(gains, user, out _);
        gain = new EngagementGain(gain.Count + count, gain.Sum + sum);
    }
}
