namespace Rookery.Tweets.Tests;

public class HashtagRankingTests
{
    [Fact]
    public void The_most_frequent_come_first_under_the_way_they_were_last_written()
    {
        var ranking = new HashtagRanking(new HashtagRankingOptions { Top = 2 });
        Add(ranking, 0, "news", "cat", "cat", "Émeute", "émeute", "ÉMEUTE");
        Add(ranking, 5000, "News", "NEWS", "NEWS");

        Assert.Equal([new HashtagCount("News", 4, 0, true), new HashtagCount("Émeute", 3, 0, true)], ranking.Top(5000));
    }

    [Fact]
    public void What_is_older_than_the_window_no_longer_counts()
    {
        var ranking = new HashtagRanking();
        Add(ranking, 0, "old", "old");
        Add(ranking, 30_000, "mid");
        Assert.Equal(["old", "mid"], ranking.Top(59_999).Select(tag => tag.Tag));

        Add(ranking, 60_000, "new");
        Assert.Equal(["mid", "new"], ranking.Top(60_000).Select(tag => tag.Tag));
        Assert.Empty(ranking.Top(200_000));
    }

    [Fact]
    public void What_comes_later_than_the_window_allows_is_not_counted()
    {
        var ranking = new HashtagRanking();
        Add(ranking, 120_000, "new");
        Add(ranking, 60_000, "late");

        Assert.Equal("new", Assert.Single(ranking.Top(120_000)).Tag);
    }

    [Fact]
    public void A_hashtag_without_letters_or_without_end_is_left_out()
    {
        var ranking = new HashtagRanking();
        Add(ranking, 0, "", new string('x', HashtagRanking.MaxTagBytes + 1), new string('y', HashtagRanking.MaxTagBytes));

        Assert.Equal(1, ranking.TooLong);
        Assert.StartsWith("yyy", Assert.Single(ranking.Top(0)).Tag, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hashtags_of_records_are_counted()
    {
        var ranking = new HashtagRanking();
        ranking.Add(
            BlockPart.Of(Streams.Read("""
                {"id":1,"text":"a","entities":{"hashtags":[{"text":"One"},{"text":"two"}]},"retweeted_status":{"id":2,"text":"b","entities":{"hashtags":[{"text":"one"}]}}}
                """)),
            0);

        Assert.Equal([("one", 2L), ("two", 1L)], ranking.Top(0).Select(tag => (tag.Tag.ToLowerInvariant(), tag.Count)));
    }

    [Fact]
    public void Counts_and_guarantees_hold_within_the_error_that_is_printed()
    {
        Property.Holds(random =>
        {
            var options = new HashtagRankingOptions { Top = 5, Counters = 16, Window = TimeSpan.FromSeconds(4) };
            HashtagRanking[] rankings = [new(options), new(options)];
            var added = new List<(string Tag, long Time)>();
            var now = 0L;
            for (var i = 0; i < 3000; i++)
            {
                now += random.Next(6);
                var tag = $"t{(int)Math.Pow(200, random.NextDouble())}";
                added.Add((tag, now));
                Add(random.Pick(rankings), now, tag);
            }

            rankings[0].Merge(rankings[1]);
            var top = rankings[0].Top(now);

            var exact = added.Where(one => one.Time / 1000 > (now / 1000) - 4).CountBy(one => one.Tag).ToDictionary();
            var ordered = exact.Values.OrderDescending().ToList();
            Assert.Equal(5, top.Count);
            Assert.True(top[0].Error <= 2 * exact.Values.Sum() / 16);
            Assert.All(top, tag => Assert.InRange(exact.GetValueOrDefault(tag.Tag), tag.Count - tag.Error, tag.Count));
            Assert.All(top.Where(tag => tag.Guaranteed), tag => Assert.True(exact[tag.Tag] >= ordered[4]));
        });
    }

    [Fact]
    public void Panes_drawn_together_elsewhere_hold_within_the_error_that_is_printed()
    {
        Property.Holds(random =>
        {
            var options = new HashtagRankingOptions { Top = 5, Counters = 16, Window = TimeSpan.FromSeconds(4) };
            var (places, sums) = (new HashtagRanking[] { new(options), new(options) }, new HashtagRanking(options));
            var (known, added, now) = (new long[2], new List<(string Tag, long Time)>(), 5_000L);
            for (var i = 0; i < 3000; i++)
            {
                now += random.Next(6);
                var tag = $"t{(int)Math.Pow(200, random.NextDouble())}";
                added.Add((tag, now));
                Add(random.Pick(places), now, tag);
                if (random.Next(100) == 0)
                {
                    DrawTogether(random.Next(2));
                }
            }

            // The pane that still fills is left out; a second later it is there.
            now += 1000;
            DrawTogether(0);
            DrawTogether(1);
            var top = sums.Top(now);
            var exact = added.Where(one => one.Time / 1000 > (now / 1000) - 4).CountBy(one => one.Tag).ToDictionary();
            Assert.Equal(5, top.Count);
            Assert.All(top, tag => Assert.InRange(exact.GetValueOrDefault(tag.Tag), tag.Count - tag.Error, tag.Count));

            void DrawTogether(int place)
            {
                foreach (var pane in places[place].PanesAfter(known[place], now))
                {
                    sums.Merge(pane);
                    known[place] = pane.Time;
                }
            }
        });
    }

    [Fact]
    public void With_counters_for_every_hashtag_the_ranking_is_exact()
    {
        Property.Holds(random =>
        {
            var ranking = new HashtagRanking();
            var tags = Enumerable.Range(0, 2000).Select(_ => $"t{random.Next(1, 20) * random.Next(1, 20)}").ToArray();
            Add(ranking, 0, tags);

            var exact = tags.CountBy(tag => tag).OrderByDescending(tag => tag.Value).ThenBy(tag => tag.Key, StringComparer.Ordinal).Take(10);
            Assert.Equal(exact.Select(tag => (tag.Key, (long)tag.Value)), ranking.Top(0).Select(tag => (tag.Tag, tag.Count)));
            Assert.All(ranking.Top(0), tag => Assert.True(tag.Error == 0 && tag.Guaranteed));
        }, 50);
    }

    [Fact]
    public void Only_rankings_with_the_same_panes_can_be_merged()
    {
        var ranking = new HashtagRanking();

        Assert.Throws<ArgumentException>(() => ranking.Merge(new HashtagRanking(new HashtagRankingOptions { Pane = TimeSpan.FromSeconds(2) })));
        Assert.Throws<ArgumentException>(() => ranking.Merge(ranking));
    }

    [Fact]
    public void Options_out_of_bounds_are_named()
    {
        HashtagRankingOptions[] wrong =
        [
            new() { Top = 0 }, new() { Counters = 15 }, new() { Pane = TimeSpan.Zero }, new() { Window = TimeSpan.FromMilliseconds(1500) }, new() { Window = TimeSpan.FromHours(2) },
        ];

        Assert.All(wrong, options => Assert.Matches("^\\w+ is .+; it must be", Assert.Throws<ArgumentOutOfRangeException>(() => new HashtagRanking(options)).Message));
    }

    private static void Add(HashtagRanking ranking, long now, params string[] tags)
    {
        foreach (var tag in tags)
        {
            ranking.Add(Streams.Utf8(tag), now);
        }
    }
}
