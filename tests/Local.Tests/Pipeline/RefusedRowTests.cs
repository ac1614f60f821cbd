using Rookery.Tweets;

namespace Rookery.Local.Tests;

/// <summary>Rows that the store will never take, found in batches of it.</summary>
public sealed class RefusedRowTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(12);

    private readonly FakeStore _store = new();
    private readonly PipelineLog _log = new();

    [Fact]
    public async Task A_batch_the_store_will_never_take_is_counted_and_left_out()
    {
        _store.Failure = () => new StoreRejectedException("not these");
        var status = await RunAsync(_store, tweets: 30);
        Assert.Equal((30, 0), (status.Store!.Rejected, status.Waiting));
        Assert.Null(status.Store.Down);
    }

    [Fact]
    public async Task Rows_the_store_will_never_take_are_found_and_told_and_the_rest_of_their_batch_is_stored()
    {
        _store.Refuses = id => id is 7 or 61;
        var status = await RunAsync(_store, tweets: 100);
        Assert.Equal((98, 2, 98), (_store.Count, status.Store!.Rejected, status.Store.Stored));
        Assert.Equal((0, 0), (status.Waiting, status.Lost));
        Assert.Contains(_log.Lines, line => line.Contains("refuses 2 tweets and 0 users of a batch of 110 rows", StringComparison.Ordinal)
            && line.EndsWith("the first is tweet 7: one of these is no tweet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_database_keeps_what_it_takes_of_a_batch_and_notes_no_change_twice()
    {
        await using var fixture = new StoreFixture(open: false);
        var opened = 0;
        fixture.Store.Opened = database =>
        {
            opened++;
            StoreSchema.Prepare(database, StoreDurability.Normal);
            database.Execute("""
                CREATE TEMP TRIGGER no_tweet BEFORE INSERT ON tweets WHEN new.id = 41 BEGIN SELECT raise(ABORT, 'never 41'); END;
                CREATE TEMP TRIGGER no_user BEFORE INSERT ON users WHEN new.id = 3 BEGIN SELECT raise(ABORT, 'never 3'); END
                """);
        };
        var status = await RunAsync(fixture.Store, tweets: 100);

        // Of ten users one is refused, and with it the ten tweets that would link to it.
        Assert.Equal(11, status.Store!.Rejected);
        Assert.Equal(89, fixture.Number("SELECT count(*) FROM tweets WHERE id <> 41 AND user_id <> 3"));
        Assert.Equal((89, 9), (fixture.Number("SELECT count(*) FROM tweets"), fixture.Number("SELECT count(*) FROM users")));
        Assert.Equal(98, fixture.Number("SELECT count(*) FROM changes"));
        Assert.Equal(0, fixture.WrongEngagements());
        Assert.Equal(1, opened);
        Assert.Contains(_log.Lines, line => line.Contains("the first is user 3", StringComparison.Ordinal));
    }

    private async Task<PipelineStatus> RunAsync(ITweetStore store, int tweets)
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Answer("404 Not Found", "text/plain", ""), ScriptedServer.Stalling(TweetMaker.Events(1, tweets)));
        var options = new TweetPipelineOptions { Source = server.Uri, Streams = 1 };
        await using var pipeline = new TweetPipeline(options, store, logger: _log);

        // One batch of all of them: nothing is pulled before all of it waits.
        pipeline.Pause();
        using var deadline = new CancellationTokenSource(Deadline);
        await pipeline.StartAsync(deadline.Token);
        while (pipeline.Status.Scored < tweets)
        {
            await Task.Delay(2, deadline.Token);
        }

        pipeline.Resume();
        await pipeline.StopAsync(deadline.Token);
        Assert.False(deadline.IsCancellationRequested);
        return pipeline.Status;
    }
}
