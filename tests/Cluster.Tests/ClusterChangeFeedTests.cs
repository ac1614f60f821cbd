using Rookery.Broker;
using Rookery.Grains;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>The change feed over a store and topics that outlive it.</summary>
public sealed class ClusterChangeFeedTests
{
    [Fact]
    public async Task Changes_are_published_in_their_order_created_first_and_with_a_priority()
    {
        var changes = new FakeChanges();
        await changes.RunAsync();
        changes.Write(isTweet: true, 1);
        changes.Write(isTweet: false, 7);
        await changes.RunAsync();
        changes.Write(isTweet: true, 2);
        changes.Write(isTweet: true, 1);
        await changes.RunAsync();
        Assert.Equal(
            [("tweets", "created", 1, 1, 3), ("users", "created", 7, 1, 0), ("tweets", "created", 2, 1, 3), ("tweets", "updated", 1, 2, 3)],
            changes.Events);
    }

    [Fact]
    public async Task Changes_of_one_tweet_that_come_together_are_published_once_and_what_is_gone_is_left_out()
    {
        var changes = new FakeChanges();
        await changes.RunAsync();
        changes.Write(isTweet: true, 1);
        changes.Write(isTweet: true, 2);
        changes.Write(isTweet: true, 1);
        changes.Write(isTweet: true, 3);
        changes.Remove(isTweet: true, 3);
        var status = new ChangeFeedStatus();
        await changes.RunAsync(status);
        Assert.Equal([(2, "created", 1), (1, "created", 2)], changes.Events.Select(one => (one.Id, one.Change, one.Version)));
        Assert.Equal((2, 1, 1), (status.Published, status.Merged, status.Gone));
    }

    [Fact]
    public async Task What_was_stored_before_the_first_feed_is_published_too()
    {
        var changes = new FakeChanges();
        for (var id = 1; id <= 10; id++)
        {
            changes.Write(isTweet: true, id);
            changes.Write(isTweet: false, id);
        }

        await changes.RunAsync();
        Assert.Equal(20, changes.Events.Distinct().Count());
        Assert.Equal(20, changes.Events.Count);
    }

    [Fact]
    public async Task Killed_anywhere_every_change_is_published_and_stored_once()
    {
        var steps = new HashSet<string>();
        for (var seed = 1; seed <= 300; seed++)
        {
            await KillAndCheckAsync(seed, steps);
        }

        Assert.Superset(new HashSet<string> { "find", "open", "publish", "published", "read", "save", "saved", "scan", "position" }, steps);
    }

    [Fact]
    public async Task A_lost_position_is_compared_from_before_the_last_change_and_followed_again()
    {
        var changes = new FakeChanges();
        await changes.RunAsync();
        changes.Write(isTweet: true, 1);
        await changes.RunAsync();
        changes.Now += (long)TimeSpan.FromMinutes(30).TotalMilliseconds;
        changes.Write(isTweet: true, 2);
        changes.Write(isTweet: true, 3);
        changes.Write(isTweet: false, 9);
        changes.Forgotten = 3;
        var status = new ChangeFeedStatus();
        await changes.RunAsync(status);
        Assert.Equal(1, status.Comparisons);

        // What is within the overlap comes again, what is older does not.
        Assert.Equal([1, 1, 2, 3, 9], changes.Events.Select(one => one.Id).Order());
        changes.Write(isTweet: true, 2);
        await changes.RunAsync(status);
        Assert.Equal(("updated", 2, 2), (changes.Events[^1].Change, changes.Events[^1].Id, changes.Events[^1].Version));
        Assert.Equal(1, status.Comparisons);
    }

    [Fact]
    public async Task A_store_that_cannot_follow_changes_is_compared_again_and_again_and_repeats_nothing()
    {
        var changes = new FakeChanges { IsSupported = false };
        changes.Write(isTweet: true, 1);
        var polls = 0;
        changes.Step = step =>
        {
            if (step != "saved")
            {
                return;
            }

            polls++;
            if (polls == 20)
            {
                changes.Write(isTweet: true, 2);
                changes.Write(isTweet: true, 1);
            }
            else if (polls == 40)
            {
                changes.Write(isTweet: true, 3);
            }
            else if (polls == 60)
            {
                throw new KilledException();
            }
        };
        await changes.RunAsync(options: new ChangeFeedOptions { SaveEvery = TimeSpan.Zero, PollEvery = TimeSpan.FromMilliseconds(10) });
        Assert.Equal(
            [("created", 1, 1), ("created", 2, 1), ("updated", 1, 2), ("created", 3, 1)], changes.Events.Select(one => (one.Change, one.Id, one.Version)));
        Assert.Equal(1, changes.Producers);
    }

    [Fact]
    public async Task What_a_comparison_found_is_published_although_the_store_fails_before_it_is_read()
    {
        var changes = new FakeChanges { IsSupported = false };
        changes.Write(isTweet: true, 1);
        var (polls, failures) = (0, 0);
        changes.Step = step =>
        {
            if (step == "find" && polls >= 20 && failures == 0)
            {
                failures++;
                throw new StoreUnavailableException("away");
            }

            if (step == "saved" && ++polls == 20)
            {
                changes.Write(isTweet: true, 2);
            }
            else if (step == "saved" && polls == 60)
            {
                throw new KilledException();
            }
        };
        await changes.RunAsync(options: new ChangeFeedOptions
        {
            SaveEvery = TimeSpan.Zero,
            PollEvery = TimeSpan.FromMilliseconds(10),
            Pause = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2)),
        });
        Assert.Equal(1, failures);
        Assert.Equal([1L, 2], changes.Events.Select(one => one.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_feed_that_had_to_compare_is_followed_by_one_that_goes_on(bool canFollow)
    {
        var changes = new FakeChanges { IsSupported = false };
        changes.Write(isTweet: true, 1);
        await RunPollsAsync(5);
        changes.Write(isTweet: true, 2);
        changes.IsSupported = canFollow;
        await RunPollsAsync(10);
        Assert.Equal([1, 2], changes.Events.Select(one => one.Id).Distinct().Order());
        changes.Write(isTweet: true, 3);
        await RunPollsAsync(10);
        Assert.Equal([1, 2, 3], changes.Events.Select(one => one.Id).Distinct().Order());
        Assert.Single(changes.Events, one => one.Id == 3);

        async Task RunPollsAsync(int most)
        {
            var polls = 0;
            changes.Step = step =>
            {
                if (step == "saved" && ++polls == most && !changes.IsSupported)
                {
                    throw new KilledException();
                }
            };
            await changes.RunAsync(options: new ChangeFeedOptions { SaveEvery = TimeSpan.Zero, PollEvery = TimeSpan.FromMilliseconds(10) });
        }
    }

    [Fact]
    public async Task A_topic_that_takes_nothing_and_a_store_that_is_away_are_waited_for()
    {
        var changes = new FakeChanges();
        await changes.RunAsync();
        changes.Write(isTweet: true, 1);
        var (refusals, failures) = (5, 3);
        changes.Refuse = _ => refusals-- > 0 ? new PublishEnd(Outcome.Unavailable, "not now") : null;
        changes.Step = step =>
        {
            if (step == "find" && failures-- > 0)
            {
                throw new StoreUnavailableException("away");
            }
        };
        var status = new ChangeFeedStatus();
        await changes.RunAsync(status);
        Assert.Single(changes.Events);
        Assert.Equal(8, status.Retries);
        Assert.Null(status.Trouble);
    }

    [Fact]
    public async Task The_position_is_not_written_for_every_change()
    {
        var changes = new FakeChanges();
        await changes.RunAsync();
        var before = changes.Saves;
        var left = 100;
        changes.Idle = () =>
        {
            if (left-- == 0)
            {
                throw new KilledException();
            }

            changes.Write(isTweet: true, left);
        };
        await changes.RunAsync(options: new ChangeFeedOptions { SaveEvery = TimeSpan.FromSeconds(60), SaveIdleEvery = TimeSpan.FromSeconds(60) });
        Assert.Equal(100, changes.Events.Count);
        Assert.InRange(changes.Saves - before, 0, 2);

        // What was not saved comes again and is recognised.
        changes.Idle = () => throw new KilledException();
        var status = new ChangeFeedStatus();
        await changes.RunAsync(status);
        Assert.Equal(100, changes.Events.Count);
    }

    private static async Task KillAndCheckAsync(int seed, HashSet<string> steps)
    {
        var random = new Random(seed);
        var changes = new FakeChanges { AtOnce = () => random.Next(1, 8) };
        var writes = 60;
        changes.Step = step =>
        {
            if (writes > 0 && random.Next(3) == 0)
            {
                writes--;
                changes.Write(random.Next(2) == 0, random.Next(1, 8));
            }

            if (writes > 0 && random.Next(6) == 0)
            {
                steps.Add(step);
                throw new KilledException();
            }
        };
        while (writes > 0)
        {
            await changes.RunAsync();
        }

        changes.Step = _ => { };
        await changes.RunAsync();
        foreach (var (isTweet, id, version) in changes.Rows)
        {
            var events = changes.Events.Where(one => one.Topic == (isTweet ? "tweets" : "users") && one.Id == id).ToList();
            Assert.True(events[^1].Version == version, $"seed {seed}: {isTweet} {id} has version {version}, published {events[^1].Version}");
            Assert.True(events.Zip(events.Skip(1)).All(two => two.First.Version <= two.Second.Version), $"seed {seed}: out of order");
        }
    }
}
