using Rookery.Tweets;

namespace Rookery.Local.Tests;

public sealed class StoreFaultTests
{
    [Fact]
    public async Task A_locked_database_is_named_and_written_once_it_is_free()
    {
        await using var fixture = new StoreFixture();
        using (var other = SqliteDatabase.Open(fixture.Store.Path, readOnly: false, TimeSpan.Zero))
        {
            other.Execute("BEGIN IMMEDIATE");
            var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => fixture.WriteAsync(TweetMaker.Json(1)));
            Assert.Contains("locked by another program", failure.Message, StringComparison.Ordinal);
            Assert.False(await fixture.Store.IsHealthyAsync(CancellationToken.None));
            other.Execute("ROLLBACK");
        }

        Assert.True(await fixture.Store.IsHealthyAsync(CancellationToken.None));
        await fixture.WriteAsync(TweetMaker.Json(1));
        Assert.Equal(1, fixture.Number("SELECT count(*) FROM tweets"));
    }

    [Fact]
    public async Task A_full_disk_is_named_and_the_batch_can_be_written_later_whole()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync(TweetMaker.Json(1));
        await fixture.Store.DisposeAsync();
        await using var store = new SqliteTweetStore(fixture.Options);
        var full = true;
        store.Opened = database => database.Execute($"PRAGMA max_page_count = {(full ? database.Number("PRAGMA page_count") : 1_000_000)}");
        var random = new Random(2);
        var tweets = Enumerable.Range(2, 100).Select(i => TweetMaker.Json(i, user: i, text: random.NextInt64().ToString() + new string('y', 5000)));
        using var batch = fixture.Maker.Batch([.. tweets]);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.WriteAsync(batch, CancellationToken.None).AsTask());
        Assert.Contains($"no room left for a batch of tweets of {batch.Bytes:N0} bytes: the disk is full", failure.Message, StringComparison.Ordinal);
        Assert.Matches("; [1-9][0-9,]* bytes are free there ", failure.Message);
        Assert.Equal(1, fixture.Number("SELECT count(*) FROM tweets"));
        full = false;
        await store.WriteAsync(batch, CancellationToken.None);
        Assert.Equal(101, fixture.Number("SELECT count(*) FROM tweets"));
        Assert.Equal(101, fixture.Number("SELECT count(*) FROM changes WHERE kind = 0"));
        Assert.Equal(0, fixture.WrongEngagements());
    }

    [Fact]
    public async Task A_file_at_the_limit_of_the_process_is_named_with_the_limit()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync([.. Enumerable.Range(1, 500).Select(i => TweetMaker.Json(i, user: i))]);
        var log = new FileInfo(fixture.Store.Path + "-wal");
        Assert.Equal(
            $"has no room left: rookery.db-wal has reached the limit of this process on the size of files, {log.Length + 100:N0} bytes (ulimit -f)",
            FileSizeLimit.Reason(fixture.Store.Path, log.Length + 100));
        Assert.Null(FileSizeLimit.Reason(fixture.Store.Path, log.Length + (1 << 20)));
    }

    [Fact]
    public async Task A_read_only_database_is_named()
    {
        await using var fixture = new StoreFixture();
        await fixture.Store.DisposeAsync();
        await using var store = new SqliteTweetStore(fixture.Options)
        {
            Opened = database => database.Execute("PRAGMA query_only = ON"),
        };
        using var batch = fixture.Maker.Batch(TweetMaker.Json(1));
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.WriteAsync(batch, CancellationToken.None).AsTask());
        Assert.Contains("read-only", failure.Message, StringComparison.Ordinal);
        Assert.False(await store.IsHealthyAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Path);
        var file = Path.Combine(folder.Path, "a-file");
        await File.WriteAllTextAsync(file, "in the way");
        await using var store = new SqliteTweetStore(new SqliteStoreOptions { Folder = Path.Combine(file, "data") });
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(CancellationToken.None));
        Assert.Contains("cannot be made", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named_and_left_as_it_is()
    {
        await using var fixture = new StoreFixture(open: false);
        Directory.CreateDirectory(fixture.Folder);
        var garbage = Enumerable.Range(0, 20_000).Select(i => (byte)(i * 7)).ToArray();
        await File.WriteAllBytesAsync(fixture.Store.Path, garbage);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => fixture.Store.OpenAsync(CancellationToken.None));
        Assert.Contains("no SQLite database", failure.Message, StringComparison.Ordinal);
        Assert.Equal(garbage, await File.ReadAllBytesAsync(fixture.Store.Path));
    }

    [Fact]
    public async Task A_damaged_database_is_named_and_not_overwritten()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync([.. Enumerable.Range(1, 500).Select(i => TweetMaker.Json(i, user: i))]);
        await fixture.Store.DisposeAsync();
        var damaged = await File.ReadAllBytesAsync(fixture.Store.Path);
        Array.Fill(damaged, (byte)0x5A, 8192, damaged.Length - 8192);
        await File.WriteAllBytesAsync(fixture.Store.Path, damaged);
        await using var store = new SqliteTweetStore(fixture.Options);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(CancellationToken.None));
        Assert.Contains("is damaged", failure.Message, StringComparison.Ordinal);
        Assert.Equal(damaged, await File.ReadAllBytesAsync(fixture.Store.Path));
    }

    [Fact]
    public async Task Data_of_a_newer_version_are_refused_and_left_as_they_are()
    {
        await using var fixture = new StoreFixture();
        await fixture.WriteAsync(TweetMaker.Json(1));
        await fixture.Store.DisposeAsync();
        using (var database = SqliteDatabase.Open(fixture.Store.Path, readOnly: false, TimeSpan.Zero))
        {
            database.Execute("PRAGMA user_version = 999");
        }

        var before = await File.ReadAllBytesAsync(fixture.Store.Path);
        await using var store = new SqliteTweetStore(fixture.Options);
        var failure = await Assert.ThrowsAsync<NewerDataException>(() => store.OpenAsync(CancellationToken.None));
        Assert.Contains("999", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<NewerDataException>(() => SqliteTweetStore.ReadOriginal(fixture.Store.Path, 1));
        Assert.Contains("999", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(fixture.Store.Path));
    }

    [Fact]
    public async Task A_database_of_another_program_is_left_alone()
    {
        await using var fixture = new StoreFixture(open: false);
        Directory.CreateDirectory(fixture.Folder);
        using (var database = SqliteDatabase.Open(fixture.Store.Path, readOnly: false, TimeSpan.Zero))
        {
            database.Execute("CREATE TABLE theirs(x)");
        }

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => fixture.Store.OpenAsync(CancellationToken.None));
        Assert.Contains("another program", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, fixture.Number("SELECT count(*) FROM sqlite_schema"));
    }

    [Fact]
    public void A_system_without_sqlite_is_told_how_to_install_it()
    {
        var message = SystemSqlite.Missing(["libsqlite3.so.0"]);
        Assert.Contains("libsqlite3.so.0", message, StringComparison.Ordinal);
        Assert.Contains("install", message, StringComparison.Ordinal);
    }
}
