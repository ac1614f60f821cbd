namespace Rookery.Tweets.Tests;

public class JoinTests
{
    private readonly TweetBlockPool _pool = new(4 << 10);
    private readonly SequenceSource _sequences = new();

    [Fact]
    public void A_block_comes_out_when_every_stage_has_reported_on_every_tweet()
    {
        var join = new Join();
        var block = Block(3);
        Assert.True(join.TryAdd(block, 0));

        Assert.False(join.Report(BlockPart.Of(block), Stages.Sentiment));
        Assert.False(join.Report(BlockPart.Of(block), Stages.Engagement));
        Assert.False(join.Report(new BlockPart(block, 0, 2), Stages.Censor));
        Assert.True(join.Report(new BlockPart(block, 2, 1), Stages.Censor));

        Assert.All(block.Records.ToArray(), record => Assert.Equal(Stages.All, record.Scored));
        Assert.Equal((3, 3, 0), (join.Counters.Added, join.Counters.Completed, join.Counters.Waiting));
    }

    [Fact]
    public void Only_enabled_stages_are_waited_for()
    {
        var join = new Join(new JoinOptions { Stages = Stages.Engagement });
        var block = Block(2);
        join.TryAdd(block, 0);

        Assert.False(join.Report(BlockPart.Of(block), Stages.Censor));
        Assert.True(join.Report(BlockPart.Of(block), Stages.Engagement));
    }

    [Fact]
    public void Kill_messages_are_not_waited_for()
    {
        var join = new Join(new JoinOptions { Stages = Stages.Censor });
        var block = Streams.Block(_pool, _sequences, """{"message": panic}""", Streams.Tweet(1), """{"message": panic}""");
        join.TryAdd(block, 0);

        Assert.True(join.Report(new BlockPart(block, 1, 1), Stages.Censor));
        Assert.Throws<ArgumentException>(() => join.TryAdd(Streams.Block(_pool, _sequences, """{"message": panic}"""), 0));
    }

    [Fact]
    public void A_report_that_is_repeated_counts_once()
    {
        var join = new Join(new JoinOptions { Stages = Stages.Sentiment });
        var block = Block(2);
        join.TryAdd(block, 0);

        Assert.False(join.Report(new BlockPart(block, 0, 1), Stages.Sentiment));
        Assert.False(join.Report(new BlockPart(block, 0, 1), Stages.Sentiment));
        Assert.Equal(1, join.Counters.Repeated);
        Assert.True(join.Report(new BlockPart(block, 1, 1), Stages.Sentiment));
    }

    [Fact]
    public void When_time_is_up_a_block_comes_out_with_what_is_there()
    {
        var join = new Join(new JoinOptions { Timeout = TimeSpan.FromSeconds(2) });
        var (first, second) = (Block(2), Block(1));
        join.TryAdd(first, 1000);
        join.TryAdd(second, 1500);
        join.Report(new BlockPart(first, 1, 1), Stages.Sentiment);
        var expired = new List<TweetBlock>();

        Assert.Equal(0, join.Expire(2999, expired));
        Assert.Equal(1, join.Expire(3000, expired));

        Assert.Same(first, Assert.Single(expired));
        Assert.Equal([Stages.None, Stages.Sentiment], first.Records.ToArray().Select(record => record.Scored));
        Assert.Equal((2, 2, 1), (join.Counters.Expired, join.Counters.Incomplete, join.Counters.Waiting));
    }

    [Fact]
    public void Scores_that_come_late_are_counted_and_change_nothing()
    {
        var join = new Join();
        var block = Block(2);
        join.TryAdd(block, 0);
        join.Expire(long.MaxValue, []);

        Assert.False(join.Report(BlockPart.Of(block), Stages.Sentiment));

        Assert.Equal(2, join.Counters.Late);
        Assert.Equal(Stages.None, block[0].Scored);
    }

    [Fact]
    public void A_full_join_takes_no_more_until_something_left()
    {
        var join = new Join(new JoinOptions { MaxWaiting = 3, Stages = Stages.Censor });
        var (first, second) = (Block(2), Block(2));
        Assert.True(join.TryAdd(first, 0));

        Assert.False(join.TryAdd(second, 0));
        Assert.Equal(1, join.Counters.Refused);
        join.Report(BlockPart.Of(first), Stages.Censor);
        Assert.True(join.TryAdd(second, 0));
        Assert.Throws<ArgumentException>(() => join.TryAdd(second, 0));
    }

    [Fact]
    public void An_empty_join_takes_a_block_of_any_size()
    {
        Assert.True(new Join(new JoinOptions { MaxWaiting = 1 }).TryAdd(Block(5), 0));
    }

    [Fact]
    public void Options_out_of_bounds_are_named()
    {
        Assert.Contains("Stages", Assert.Throws<ArgumentOutOfRangeException>(() => new Join(new JoinOptions { Stages = Stages.None })).Message, StringComparison.Ordinal);
        Assert.Contains("Timeout", Assert.Throws<ArgumentOutOfRangeException>(() => new Join(new JoinOptions { Timeout = TimeSpan.Zero })).Message, StringComparison.Ordinal);
        Assert.Contains("MaxWaiting", Assert.Throws<ArgumentOutOfRangeException>(() => new Join(new JoinOptions { MaxWaiting = 0 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_happens_every_tweet_comes_out_exactly_once()
    {
        Property.Holds(random =>
        {
            var join = new Join(new JoinOptions { Timeout = TimeSpan.FromMilliseconds(50), MaxWaiting = 40 });
            var (added, left, now) = (0L, 0L, 0L);
            var work = new List<(BlockPart Part, Stages Stage)>();
            var seen = new HashSet<long>();
            for (var step = 0; step < 200; step++)
            {
                now += random.Next(4);
                var expired = new List<TweetBlock>();
                if (random.Next(3) == 0)
                {
                    var block = Block(random.Next(1, 6));
                    if (join.TryAdd(block, now))
                    {
                        added += block.TweetCount;
                        work.AddRange(Parts(random, block));
                    }
                }
                else if (work.Count > 0 && random.Next(8) > 0)
                {
                    var index = random.Next(work.Count);
                    var (part, stage) = work[index];
                    if (random.Next(10) > 0)
                    {
                        work.RemoveAt(index);
                    }

                    if (join.Report(part, stage))
                    {
                        expired.Add(part.Block);
                        Assert.All(part.Block.Records.ToArray(), record => Assert.Equal(Stages.All, record.Scored));
                    }
                }
                else
                {
                    join.Expire(now, expired);
                }

                Assert.All(expired, block => Assert.True(seen.Add(block.FirstSequence)));
                left += expired.Sum(block => block.TweetCount);
                var counters = join.Counters;
                Assert.Equal((added, left, added - left), (counters.Added, counters.Completed + counters.Expired, counters.Waiting));
                Assert.True(counters.Waiting <= 40);
            }
        }, 100);
    }

    private static IEnumerable<(BlockPart Part, Stages Stage)> Parts(Random random, TweetBlock block)
    {
        foreach (var stage in new[] { Stages.Sentiment, Stages.Engagement, Stages.Censor })
        {
            var cut = random.Next(block.Count + 1);
            yield return (new BlockPart(block, 0, cut), stage);
            yield return (new BlockPart(block, cut, block.Count - cut), stage);
        }
    }

    private TweetBlock Block(int tweets) =>
        Streams.Block(_pool, _sequences, [.. Enumerable.Range(1, tweets).Select(id => Streams.Tweet(id))]);
}
