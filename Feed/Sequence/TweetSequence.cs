namespace Rookery.Feed;

/// <summary>
/// The messages of one stream, one after another, decided by the seed and the stream's number alone. It can be copied, and the copy goes on
/// by itself with the same messages. Not safe for use by several threads; see <see cref="LiveStream"/>.
/// </summary>
internal sealed class TweetSequence
{
    private const double RetweetShare = 0.33;
    private const double QuoteShare = 0.05;
    private const double TrendExponent = 0.85;

    private static readonly ZipfLaw TrendRanks = new(TweetWorld.Originals, TrendExponent);

    private readonly TweetWorld _world;
    private readonly int _stream;
    private readonly double _panicProbability;
    private readonly Trend[] _trends;
    private Randomness _random;
    private Randomness _panics;
    private long _nowMs = StreamTime.StartMs;
    private Draw? _pending;

    public TweetSequence(TweetWorld world, int seed, int stream, double panicProbability)
    {
        _world = world;
        _stream = stream;
        _panicProbability = panicProbability;
        _trends = new Trend[TweetWorld.Originals];
        _random = Randomness.For(seed, Purpose.Stream, stream);
        // Numbers of their own, so that the tweets are the same whatever the probability of the kill message.
        _panics = Randomness.For(seed, Purpose.Panic, stream);
    }

    private TweetSequence(TweetSequence other)
    {
        _world = other._world;
        _stream = other._stream;
        _panicProbability = other._panicProbability;
        _trends = [.. other._trends];
        _random = other._random;
        _panics = other._panics;
        _nowMs = other._nowMs;
        _pending = other._pending;
        Tweets = other.Tweets;
        Panics = other.Panics;
    }

    /// <summary>How many tweets were written since the beginning of the stream.</summary>
    public long Tweets { get; private set; }

    /// <summary>How many kill messages were written since the beginning of the stream.</summary>
    public long Panics { get; private set; }

    public TweetSequence Copy()
    {
        return new TweetSequence(this);
    }

    /// <summary>Writes the next event, or, if there may not be room for it, nothing.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="room">The bytes left there.</param>
    /// <param name="now">The time of sending, in units of 100 µs since the Unix epoch.</param>
    /// <returns>Whether it was written; a buffer of <see cref="NextMaxLength"/> bytes has room.</returns>
    public bool TryWrite(ref FilledWriter writer, int room, long now)
    {
        var draw = _pending ??= Next();
        if (draw.MaxLength > room)
        {
            return false;
        }

        SseFrame.Write(ref writer, draw, now);
        _pending = null;
        if (draw.Outer is null)
        {
            Panics++;
        }
        else
        {
            Tweets++;
        }

        return true;
    }

    /// <summary>The most bytes the next event can take.</summary>
    public int NextMaxLength()
    {
        return (_pending ??= Next()).MaxLength;
    }

    private Draw Next()
    {
        if (_panics.Chance(_panicProbability))
        {
            return default;
        }

        _nowMs += 1 + _random.Next(StreamTime.MostStepMs);
        var id = Snowflake.Id(_nowMs, _stream, _random.Next(2048));
        var kind = _random.NextDouble();
        if (kind >= RetweetShare + QuoteShare)
        {
            var speakers = _world.Speakers(ref _random);
            return new Draw
            {
                Outer = _world.Body(speakers, ref _random),
                Author = _world.Author(speakers, ref _random),
                Id = id,
                TimeMs = _nowMs,
            };
        }

        var rank = TrendRanks.Rank(_random.NextDouble());
        ref var trend = ref _trends[rank];
        trend.Recur(rank, _stream, _nowMs, ref _random);
        var original = _world.Original(trend.Original);
        return new Draw
        {
            Outer = kind < RetweetShare ? original.Retweet : original.Quote,
            Author = _world.Author(_world.Speakers(original.Author.Language), ref _random),
            Id = id,
            TimeMs = _nowMs,
            Original = original,
            InnerId = trend.Id,
            InnerTimeMs = trend.BornMs,
            Retweets = trend.Retweets,
            Favourites = trend.Favourites,
        };
    }
}
