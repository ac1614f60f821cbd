using Rookery.Grains;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>What partitions promise, without a cluster around them.</summary>
public sealed class PartitionTests
{
    private readonly Guid _reader = Guid.NewGuid();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whenever_partitions_are_killed_totals_are_those_of_the_stored_tweets(int seed)
    {
        await using var house = new PartitionHouse();
        var random = new Random(seed);
        var kills = 0;
        var gate = new Lock();
        house.Store.Before = (_, _) => MaybeKill();
        house.Store.After = (_, _) => MaybeKill();
        house.Storage.Before = (_, _) => MaybeKill();
        house.Storage.After = (_, _) => MaybeKill();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(partition => ReadAsync(house, partition, seed)));

        house.Store.Before = house.Store.After = null;
        house.Storage.Before = house.Storage.After = null;
        Assert.True(kills > 10, $"only {kills} kills");
        await EventuallyExactAsync(house);
        Assert.Equal(4 * 60, house.Store.Tweets.Tweets.Count);

        Task MaybeKill()
        {
            lock (gate)
            {
                if (kills < 40 && random.Next(25) == 0)
                {
                    kills++;
                    house.KillTweets(random.Next(4));
                    house.KillUsers(random.Next(2));
                    if (random.Next(2) == 0)
                    {
                        throw new IOException("killed in the middle");
                    }
                }
            }

            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_tweet_that_comes_again_counts_once_with_its_latest_score()
    {
        await using var house = new PartitionHouse();
        await house.BringAsync(_reader, 1, 0, [new(1, 7, Favorites: 10), new(2, 7, Favorites: 5), new(1, 7, Favorites: 20)]);
        await house.BringAsync(_reader, 2, 0, [new(1, 7, Favorites: 30)]);
        await EventuallyExactAsync(house);
        Assert.Equal(new UserEngagement(2, 0.35), house.Store.Users.TotalOf(7));
        Assert.Equal("User 7", System.Text.Encoding.UTF8.GetString(house.Store.Users.AuthorOf(7)!.Name.Span));
    }

    [Fact]
    public async Task A_score_that_is_missing_leaves_the_one_before_and_counts_nothing()
    {
        await using var house = new PartitionHouse();
        await house.BringAsync(_reader, 1, 0, [new(1, 7, 10) { Scored = Stages.Sentiment }]);
        Assert.Equal(default, house.Store.Users.TotalOf(7));
        await house.BringAsync(_reader, 2, 0, [new(1, 7, 20)]);
        await house.BringAsync(_reader, 3, 0, [new(1, 7, 30) { Scored = Stages.None }]);
        await EventuallyExactAsync(house);
        Assert.Equal(new UserEngagement(1, 0.2), house.Store.Users.TotalOf(7));
        Assert.NotNull(Assert.Single(house.Store.Tweets.Tweets).Sentiment);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_is_recognised()
    {
        await using var house = new PartitionHouse();
        var hold = new TaskCompletionSource();
        house.Store.Before = (what, _) => what == "find" ? hold.Task : Task.CompletedTask;
        var request = new AddTweets(_reader, 1, TestTweet.Write([new(1, 7)]));
        var (first, second) = (house.AddAsync(0, request), house.AddAsync(0, request));
        hold.SetResult();
        Assert.Equal((AddReply.Done, AddReply.Done), (await first, await second));
        Assert.Equal(AddReply.Done, await house.AddAsync(0, request));
        Assert.Equal(AddReply.Done, await house.AddAsync(0, request with { Number = 0 }));
        Assert.Equal(1, house.Store.Writes);
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused()
    {
        await using var house = new PartitionHouse();
        Assert.Equal(AddStatus.Refused, (await house.AddAsync(0, new AddTweets(_reader, 1, [255, 255]))).Status);
        Assert.Equal(AddStatus.Refused, (await house.AddAsync(0, new AddDeltas(0, 1, [255]))).Status);
    }

    [Fact]
    public async Task While_the_store_is_down_callers_hear_why_and_it_goes_on_by_itself()
    {
        await using var house = new PartitionHouse { Options = PartitionHouse.Quick with { StoreTimeout = TimeSpan.FromSeconds(20) } };
        house.Store.Before = (what, _) => what == "write tweets" ? throw new StoreUnavailableException("no primary") : Task.CompletedTask;
        var request = new AddTweets(_reader, 1, TestTweet.Write([new(1, 7)]));
        var reply = AddReply.Pending;

        // On a busy machine the first answer may be due before the store was asked.
        await Eventually.HoldsAsync(async () => (reply = await house.AddAsync(0, request)).Status != AddStatus.Pending);
        Assert.Equal(AddStatus.Unavailable, reply.Status);
        Assert.True(reply.Detail!.Contains("no primary", StringComparison.Ordinal), reply.Detail);
        house.Store.Before = null;
        await house.BringAsync(_reader, 1, 0, [new(1, 7)]);
        await EventuallyExactAsync(house);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_given_up_and_asked_again()
    {
        await using var house = new PartitionHouse();
        var asked = 0;
        house.Store.Before = (what, token) =>
            what is "write tweets" or "write users" && Interlocked.Increment(ref asked) <= 4 ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        await house.BringAsync(_reader, 1, 0, [new(1, 7), new(2, 7)]);
        await EventuallyExactAsync(house);
        Assert.True(asked > 4);
    }

    [Fact]
    public async Task A_write_whose_outcome_is_unknown_counts_once()
    {
        await using var house = new PartitionHouse();
        var failures = 0;
        house.Store.After = (_, _) => Interlocked.Increment(ref failures) <= 3 ? throw new IOException("the connection broke") : Task.CompletedTask;
        house.Storage.After = (_, _) => Interlocked.Increment(ref failures) <= 6 ? throw new IOException("the connection broke") : Task.CompletedTask;
        for (var i = 1; i <= 5; i++)
        {
            await house.BringAsync(_reader, i, 0, [new(1, 7, 10 * i), new(100 + i, 7)]);
        }

        await EventuallyExactAsync(house);
        Assert.Equal(6, house.Store.Users.TotalOf(7).Count);
    }

    [Fact]
    public async Task A_tweet_the_store_cannot_write_is_left_out_alone()
    {
        await using var house = new PartitionHouse();
        house.Store.Poison[5] = true;
        await house.BringAsync(_reader, 1, 0, [.. Enumerable.Range(1, 12).Select(id => new TestTweet(id, 7))]);
        await EventuallyExactAsync(house);
        Assert.Equal([1L, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12], house.Store.Tweets.Tweets.Select(tweet => tweet.Id).Order());
        Assert.Equal(11, house.Store.Users.TotalOf(7).Count);
    }

    [Fact]
    public async Task A_user_the_store_cannot_write_is_left_out_alone_and_the_others_keep_what_was_counted()
    {
        await using var house = new PartitionHouse { Options = PartitionHouse.Quick with { UserPartitions = 1 } };
        await house.BringAsync(_reader, 1, 0, [new(1, 7), new(2, 8), new(3, 9)]);
        await EventuallyExactAsync(house);
        using var rejected = new Counted("rookery.users.rejected");
        house.Store.PoisonUsers[9] = true;
        await house.BringAsync(_reader, 2, 0, [new(4, 7), new(5, 8), new(6, 9)]);
        await house.BringAsync(_reader, 3, 0, [new(7, 7), new(8, 8)]);
        await Eventually.HoldsAsync(
            () => (house.Store.Users.TotalOf(7).Count, house.Store.Users.TotalOf(8).Count) == (3, 3),
            () => $"{house.Store.Users.TotalOf(7)}, {house.Store.Users.TotalOf(8)}");

        await Eventually.HoldsAsync(() => rejected.Count > 0);

        // What is counted of it next is added to what is stored.
        house.Store.PoisonUsers.Clear();
        await house.BringAsync(_reader, 4, 0, [new(9, 9)]);
        await Eventually.HoldsAsync(() => house.Store.Users.TotalOf(9).Count == 2, () => $"{house.Store.Users.TotalOf(9)}");
    }

    [Fact]
    public async Task A_store_that_has_no_time_for_all_users_at_once_gets_them_in_pieces()
    {
        const int users = 100;
        await using var house = new PartitionHouse
        {
            Options = PartitionHouse.Quick with { UserPartitions = 1, StoreTimeout = TimeSpan.FromMilliseconds(200) },
            Store = new FaultyStore { PerUser = TimeSpan.FromMilliseconds(40) },
        };
        var changes = Enumerable.Range(1, users).Select(user => new UserDelta(user, new UserEngagement(1, 0.5), null)).ToList();
        var request = new AddDeltas(0, 1, UserDelta.Write(changes));
        await Eventually.HoldsAsync(async () => (await house.AddAsync(0, request)).Status == AddStatus.Done);
        await Eventually.HoldsAsync(() => house.Store.Users.Totals.Count == users, () => $"{house.Store.Users.Totals.Count} users are written", Recorder.Deadline);
    }

    [Fact]
    public async Task Of_two_activations_the_older_ends_and_nothing_counts_twice()
    {
        await using var house = new PartitionHouse();
        await house.BringAsync(_reader, 1, 0, [new(1, 7, 10)]);
        var older = house.Abandon(0);
        await house.BringAsync(_reader, 2, 0, [new(1, 7, 20)]);
        var reply = await older.AddAsync(new AddTweets(_reader, 3, TestTweet.Write([new(1, 7, 30), new(2, 7)])));
        Assert.Equal(AddStatus.Unavailable, reply.Status);
        Assert.True(older.HasEnded);
        await house.BringAsync(_reader, 3, 0, [new(1, 7, 40)]);
        await EventuallyExactAsync(house);
        Assert.Equal(new UserEngagement(1, 0.4), house.Store.Users.TotalOf(7));
    }

    [Fact]
    public async Task A_late_attempt_of_an_activation_that_is_gone_changes_nothing()
    {
        await using var house = new PartitionHouse();
        await house.BringAsync(_reader, 1, 0, [new(1, 7, 10)]);
        var hold = new TaskCompletionSource();
        house.Store.Before = (what, _) => what == "write tweets" ? hold.Task : Task.CompletedTask;
        var late = house.AddAsync(0, new AddTweets(_reader, 2, TestTweet.Write([new(1, 7, 20)])));
        await Eventually.HoldsAsync(() => house.Storage.Writes >= 3);
        house.KillTweets(0);
        house.Store.Before = null;
        await house.BringAsync(_reader, 3, 0, [new(1, 7, 30)]);
        hold.SetResult();
        await late;
        await EventuallyExactAsync(house);
        Assert.Equal(new UserEngagement(1, 0.3), house.Store.Users.TotalOf(7));
    }

    [Fact]
    public async Task A_partition_that_ends_in_order_leaves_nothing_to_find_out()
    {
        await using var house = new PartitionHouse { Options = PartitionHouse.Quick with { StoreTimeout = TimeSpan.FromSeconds(50) } };
        for (var i = 1; i <= 3; i++)
        {
            await house.BringAsync(_reader, i, 0, [new(i, 7)]);
            await house.CloseTweetsAsync(0);
        }

        await EventuallyExactAsync(house);
    }

    [Fact]
    public async Task An_operator_pauses_and_resumes()
    {
        await using var house = new PartitionHouse();
        await house.BringAsync(_reader, 1, 0, [new(1, 7)]);
        house.Pause.Set(true);
        var reply = await house.AddAsync(0, new AddTweets(_reader, 2, TestTweet.Write([new(2, 7)])));
        Assert.Equal((AddStatus.Unavailable, "an operator has paused the pipeline"), (reply.Status, reply.Detail));
        Assert.Equal(1, house.Store.Writes);
        house.Pause.Set(false);
        await house.BringAsync(_reader, 2, 0, [new(2, 7)]);
        await EventuallyExactAsync(house);
    }

    [Fact]
    public void Tweets_and_intents_travel_as_they_are()
    {
        var tweet = Assert.Single(TweetCodec.Read(TestTweet.Write([new(1234567890123, 77, 5, 50, "what a damn good day", Inner: ",\"x\":1")])));
        Assert.Equal((1234567890123, 77L, 5L, 50L), (tweet.Id, tweet.UserId, tweet.Favorites, tweet.Author!.Followers));
        Assert.Equal((0.1, true, true), (tweet.Engagement, tweet.Sentiment is not null, tweet.Json.Length > 100));
        Assert.Equal(["tag1", "en", "u77"], new[] { tweet.Hashtags[0], tweet.Language, tweet.Author.ScreenName }.Select(bytes => System.Text.Encoding.UTF8.GetString(bytes.Span)));

        var intent = TweetIntent.Of(Guid.NewGuid(), 9, [tweet], new Dictionary<long, double?> { [tweet.Id] = 0.25 });
        var read = TweetIntent.Read(intent.Write());
        Assert.Equal((intent.Writer, 9, true, intent.Entries[0]), (read.Writer, read.Batch, read.Open, Assert.Single(read.Entries)));
        Assert.Equal("User 77", System.Text.Encoding.UTF8.GetString(read.Authors[77].Name.Span));

        var users = new UserIntent(intent.Writer, 4, true, new Dictionary<int, long> { [3] = 9 }, [new(77, new(2, 0.5))], [tweet.Author]);
        var same = UserIntent.Read(users.Write());
        Assert.Equal((4, 9L, new UserEngagement(2, 0.5), 77L), (same.Version, same.Applied[3], same.Totals[0].Value, same.Authors[0].Id));
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_what_is_used_stays()
    {
        var remembered = new Remembered<int>(3);
        for (var i = 0; i < 100; i++)
        {
            remembered.Put(i, i);
            Assert.True(remembered.TryGet(0, out _));
        }

        Assert.True(Enumerable.Range(0, 100).Count(i => remembered.TryGet(i, out _)) <= 6);
    }

    private static async Task ReadAsync(PartitionHouse house, int partition, int seed)
    {
        var random = new Random((seed * 100) + partition);
        var reader = Guid.NewGuid();
        for (var number = 1; number <= 30; number++)
        {
            // Some of the tweets are there already: they come again with other counts.
            var tweets = Enumerable.Range(0, random.Next(1, 12)).Select(_ =>
            {
                var id = random.Next(60);
                return new TestTweet((id * 10) + partition + 1, 1 + (id % 9), random.Next(1000));
            }).ToList();
            if (number == 30)
            {
                tweets = [.. Enumerable.Range(0, 60).Select(id => new TestTweet((id * 10) + partition + 1, 1 + (id % 9), random.Next(1000)))];
            }

            await house.BringAsync(reader, number, partition, tweets);
        }
    }

    private static Task EventuallyExactAsync(PartitionHouse house)
    {
        // A call makes a partition that was killed come back, and bring to its end what it had begun.
        var difference = "";
        return Eventually.HoldsAsync(
            () =>
            {
                for (var i = 0; i < house.Options.UserPartitions; i++)
                {
                    house.UsersOf(i);
                }

                return house.Store.IsExact(out difference);
            },
            () => difference);
    }
}
