using Rookery.Tweets;

namespace Rookery.Local.Tests;

/// <summary>A store in a folder that goes away afterwards.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    public StoreFixture(SqliteStoreOptions? options = null, TimeProvider? time = null, bool open = true)
    {
        Options = (options ?? new SqliteStoreOptions()) with { Folder = _folder.Path, BusyTimeout = TimeSpan.FromMilliseconds(20) };
        Time = time;
        Store = Make();
        if (open)
        {
            Store.OpenAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    public SqliteStoreOptions Options { get; }

    public TimeProvider? Time { get; }

    public TweetMaker Maker { get; } = new();

    public SqliteTweetStore Store { get; private set; }

    public string Folder => _folder.Path;

    /// <summary>Ends the store without closing it in order, as <c>kill -9</c> does, and begins again with what is on disk.</summary>
    public async Task CrashAsync()
    {
        using var copy = TemporaryFolder.CopyOf(_folder.Path);
        await Store.DisposeAsync();
        Directory.Delete(_folder.Path, recursive: true);
        Directory.Move(copy.Path, _folder.Path);
        Store = Make();
        await Store.OpenAsync(CancellationToken.None);
    }

    public async Task RestartAsync()
    {
        await Store.DisposeAsync();
        Store = Make();
        await Store.OpenAsync(CancellationToken.None);
    }

    public async Task<StoreReceipt> WriteAsync(params string[] tweets)
    {
        using var batch = Maker.Batch(tweets);
        return await Store.WriteAsync(batch, CancellationToken.None);
    }

    public long Number(string sql)
    {
        using var database = Store.OpenForReading();
        return database.Number(sql);
    }

    public string Text(string sql)
    {
        using var database = Store.OpenForReading();
        var query = database.Prepare(sql);
        return query.Step() ? query.Text(0) : "";
    }

    public double Real(string sql)
    {
        using var database = Store.OpenForReading();
        var query = database.Prepare(sql);
        return query.Step() ? query.Double(0) : double.NaN;
    }

    /// <summary>Users whose engagement is not that of their tweets; there must never be one.</summary>
    public long WrongEngagements() => Number("""
        SELECT count(*) FROM
            (SELECT user_id, count(*) AS n, sum(engagement) AS s FROM tweets
             WHERE user_id IS NOT NULL AND engagement IS NOT NULL GROUP BY user_id) t
        FULL OUTER JOIN users_engagements e ON e.user_id = t.user_id
        WHERE e.count IS NOT t.n OR abs(e.sum - t.s) > 1e-6
        """);

    private SqliteTweetStore Make() => new(Options, Time);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }
}
