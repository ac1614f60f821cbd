namespace Rookery.Feed;

/// <summary>
/// One place in a stream's ranking of what is retweeted. An original holds it for a while, its counts growing each time it is taken up;
/// then the next one, with an id and a text of its own, takes the place, so that what is popular changes.
/// </summary>
internal struct Trend
{
    private int _left;
    private int _lives;

    public int Original { get; private set; }

    public long Id { get; private set; }

    public long BornMs { get; private set; }

    public long Retweets { get; private set; }

    public long Favourites { get; private set; }

    /// <summary>The original is taken up once more.</summary>
    public void Recur(int rank, int stream, long nowMs, ref Randomness random)
    {
        if (_left == 0)
        {
            Begin(rank, stream, nowMs, ref random);
        }

        // The stream is a sample: between two tweets of it many others were written.
        _left--;
        Retweets += 1 + random.Next(40);
        Favourites += 1 + random.Next(60);
    }

    private void Begin(int rank, int stream, long nowMs, ref Randomness random)
    {
        // 211 has no common factor with the number of originals, so each gets its turn in every place.
        Original = (int)((rank + (211L * _lives++)) % TweetWorld.Originals);
        BornMs = nowMs - 60_000 - random.Next(2 * (int)StreamTime.DayMs);
        // The upper half of the sequence bits is theirs, the lower half that of the stream's own tweets.
        Id = Snowflake.Id(BornMs, stream, 2048 + random.Next(2048));
        Retweets = (long)Math.Min(random.LogNormal(150, 1.8), 500_000);
        Favourites = (long)(Retweets * (0.3 + (2 * random.NextDouble())));
        _left = 20 + (int)Math.Min(random.LogNormal(800, 1.0), 20_000);
    }
}
