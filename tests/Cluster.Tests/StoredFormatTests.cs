using Rookery.Grains;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>What the cluster stores says in which version: earlier ones are read, later ones are refused in words.</summary>
public sealed class StoredFormatTests
{
    /// <summary>Bytes of a mark; the last one is the version.</summary>
    private const int Mark = 8;

    private static readonly GrainId Catalogue = GrainId.Create("topiccatalog", "0");
    private static readonly GrainId Pause = GrainId.Create(GrainType.Create("pipeline"), GrainIdKeyExtensions.CreateIntegerKey(0));

    private static TweetIntent Batch { get; } = new(
        Guid.NewGuid(), 41, true, [new(7, 8, 0.5, 0.25), new(9, 0, null, null)], new Dictionary<long, TweetAuthor> { [8] = new() { Id = 8, TweetId = 7 } });

    private static UserIntent Totals { get; } = new(
        Guid.NewGuid(), 42, true, new Dictionary<int, long> { [3] = 17 }, [new(8, new UserEngagement(2, 0.75))], [new TweetAuthor { Id = 8, TweetId = 7 }]);

    [Fact]
    public void A_batch_of_tweets_is_read_with_its_version_and_as_it_was_before_there_were_versions()
    {
        var bytes = Batch.Write();
        Assert.All([bytes, bytes[Mark..]], one =>
        {
            var read = TweetIntent.Read(one);
            Assert.Equal((Batch.Writer, Batch.Batch, Batch.Open), (read.Writer, read.Batch, read.Open));
            Assert.Equal(Batch.Entries, read.Entries);
            Assert.Equal(7, read.Authors[8].TweetId);
        });
        Assert.Equal(0, TweetIntent.Read(TweetIntent.None.Write()[Mark..]).Batch);
        Refused("the batch of a tweet partition", bytes, one => TweetIntent.Read(one));
    }

    [Fact]
    public void Totals_of_users_are_read_with_their_version_and_as_they_were_before_there_were_versions()
    {
        var bytes = Totals.Write();
        Assert.All([bytes, bytes[Mark..]], one =>
        {
            var read = UserIntent.Read(one);
            Assert.Equal((Totals.Writer, Totals.Version, Totals.Open), (read.Writer, read.Version, read.Open));
            Assert.Equal((17, Totals.Totals[0], 7), (read.Applied[3], read.Totals[0], read.Authors[0].TweetId));
        });
        Refused("the totals of a user partition", bytes, one => UserIntent.Read(one));
    }

    [Fact]
    public void The_position_of_a_stream_is_read_with_its_version_and_as_it_was_before_there_were_versions()
    {
        var bytes = StreamPump.Note(Guid.NewGuid(), "4711");
        Assert.All([bytes, bytes[Mark..]], one => Assert.Equal("4711", StreamPump.PositionIn(one)));
        var none = StreamPump.Note(Guid.NewGuid(), null);
        Assert.All([none, none[Mark..], null], one => Assert.Null(StreamPump.PositionIn(one)));
        Refused("the position of a stream", bytes, one => StreamPump.PositionIn(one));
    }

    [Fact]
    public async Task Partitions_that_find_records_of_a_later_version_take_nothing_and_say_why_and_leave_them_as_they_are()
    {
        await using var house = new PartitionHouse();
        var (batch, totals) = (LaterThan(Batch.Write()), LaterThan(Totals.Write()));
        house.Storage.Put("partitions", GrainId.Create("tweets", "0"), batch);
        house.Storage.Put("partitions", GrainId.Create("users", "0"), totals);
        await SaysAsync(() => house.AddAsync(0, new AddTweets(Guid.NewGuid(), 1, TestTweet.Write([new(1, 7)]))), "the batch of a tweet partition");
        await SaysAsync(() => house.AddAsync(0, new AddDeltas(1, 1, UserDelta.Write([]))), "the totals of a user partition");
        Assert.Equal((batch, totals), (house.Storage.Find("tweets/0"), house.Storage.Find("users/0")));
        Assert.Empty(house.Store.Tweets.Tweets);

        static Task SaysAsync(Func<Task<AddReply>> add, string what)
        {
            AddReply? reply = null;
            return Eventually.HoldsAsync(
                async () => (reply = await add()) is { Status: AddStatus.Unavailable, Detail: { } why } && why.StartsWith($"{what} was stored in version 2; ", StringComparison.Ordinal),
                () => $"{reply}");
        }
    }

    [Fact]
    public async Task A_stream_whose_position_is_of_a_later_version_is_not_read_and_says_why()
    {
        var storage = new SharedStorage();
        var (key, note) = (GrainId.Create(GrainType.Create("tweetstream"), GrainIdKeyExtensions.CreateIntegerKey(1)), LaterThan(StreamPump.Note(Guid.NewGuid(), "4711")));
        storage.Put("partitions", key, note);
        await using var cluster = await PipelineCluster.StartAsync(1, PipelineCluster.Quick with { Streams = 1 }, storage: storage);
        await cluster.UntilAsync(
            async () => (await cluster.ReportAsync(1)).Trouble?.StartsWith("the position of a stream was stored in version 2; ", StringComparison.Ordinal) == true, "the trouble");
        Assert.Equal((0, note), (cluster.Streams.Sent, storage.Find($"{key}")));
    }

    [Fact]
    public async Task The_catalogue_of_topics_is_read_as_it_was_before_there_were_versions_and_written_with_its_own()
    {
        using var writer = new FlatWriter();
        writer.Text("older");
        writer.Text("oldest");
        var storage = new SharedStorage();
        storage.Put("catalog", Catalogue, writer.ToArray());
        await using (var cluster = await TestCluster.StartAsync(storage: storage))
        {
            var catalogue = cluster.Silos.Client.GetGrain<ITopicCatalogGrain>(0);
            Assert.Equal(["older", "oldest"], (await catalogue.GetAsync()).Topics);
            Assert.Equal(CatalogEntry.Entered, await catalogue.AddAsync("new"));
        }

        await using (var cluster = await TestCluster.StartAsync(storage: storage))
        {
            Assert.Equal(["new", "older", "oldest"], (await cluster.Silos.Client.GetGrain<ITopicCatalogGrain>(0).GetAsync()).Topics);
        }

        Assert.Equal(1, storage.Find($"{Catalogue}")![Mark - 1]);
    }

    [Fact]
    public async Task A_catalogue_of_a_later_version_cannot_be_read_and_is_left_as_it_is()
    {
        using var writer = new FlatWriter();
        new StoredMark("topics", 2, "").Write(writer);
        writer.Text("t");
        var storage = new SharedStorage();
        storage.Put("catalog", Catalogue, writer.ToArray());
        await using var cluster = await TestCluster.StartAsync(storage: storage);
        var catalogue = cluster.Silos.Client.GetGrain<ITopicCatalogGrain>(0);
        Assert.False((await catalogue.GetAsync()).Available);
        Assert.Equal(CatalogEntry.Unavailable, await catalogue.AddAsync("new"));
        Assert.Equal(writer.ToArray(), storage.Find($"{Catalogue}"));
    }

    [Fact]
    public async Task A_pause_from_before_there_were_versions_holds_and_one_of_a_later_version_is_refused_in_words()
    {
        var storage = new SharedStorage();
        storage.Put("partitions", Pause, [1]);
        await using (var cluster = await PipelineCluster.StartAsync(storage: storage))
        {
            var pipeline = cluster.Grains.GetGrain<IPipelineGrain>(0);
            Assert.True(await pipeline.IsPausedAsync());
            await pipeline.SetPausedAsync(false);
            await pipeline.SetPausedAsync(true);
        }

        var stored = storage.Find($"{Pause}")!;
        Assert.Equal([1, 1], stored[(Mark - 1)..]);
        storage.Put("partitions", Pause, LaterThan(stored));
        await using (var cluster = await PipelineCluster.StartAsync(storage: storage))
        {
            var pipeline = cluster.Grains.GetGrain<IPipelineGrain>(0);
            Assert.Contains("was stored in version 2", (await Assert.ThrowsAsync<InvalidOperationException>(() => pipeline.IsPausedAsync())).Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<InvalidOperationException>(() => pipeline.SetPausedAsync(false));
        }

        Assert.Equal(2, storage.Find($"{Pause}")![Mark - 1]);
    }

    private static byte[] LaterThan(byte[] record)
    {
        byte[] later = [.. record];
        later[Mark - 1]++;
        return later;
    }

    private static void Refused(string what, byte[] record, Action<byte[]> read) => Assert.Equal(
        $"{what} was stored in version 2; this program reads up to version 1",
        Assert.Throws<InvalidDataException>(() => read(LaterThan(record))).Message);
}
