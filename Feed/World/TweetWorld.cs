namespace Rookery.Feed;

/// <summary>
/// The people and the texts all streams of a server share. Whatever is asked for is made on first use, from nothing but the seed and its
/// number, and then kept: the server starts at once, and memory ends at the size of the pools (about 45 MB).
/// </summary>
internal sealed class TweetWorld(int seed)
{
    public const int People = 10_000;
    public const int Bodies = 6_000;
    public const int Originals = 3_000;

    // How unequal things are: a few people tweet much, a few hashtags are everywhere, a few originals are taken up by all.
    private const double AuthorExponent = 0.6;
    private const double TagExponent = 1.0;

    // More than in life, and it is they that bring the mean above 5 KB.
    private const double PictureShare = 0.75;

    private readonly Person?[] _people = new Person?[People];
    private readonly Template?[] _bodies = new Template?[Bodies];
    private readonly Original?[] _originals = new Original?[Originals];
    private readonly Population[] _populations = Population.Divide(Language.All, People, Bodies, AuthorExponent);

    /// <summary>The language of the next tweet, by share.</summary>
    public Population Speakers(ref Randomness random)
    {
        var part = random.NextDouble();
        foreach (var population in _populations)
        {
            part -= population.Language.Share;
            if (part < 0)
            {
                return population;
            }
        }

        return _populations[0];
    }

    public Population Speakers(Language language)
    {
        return Array.Find(_populations, population => population.Language == language)!;
    }

    public Person Author(Population speakers, ref Randomness random)
    {
        return Someone(speakers, speakers.PersonRanks.Rank(random.NextDouble()));
    }

    public Template Body(Population speakers, ref Randomness random)
    {
        var index = speakers.FirstBody + random.Next(speakers.BodyCount);
        return _bodies[index] ?? Keep(ref _bodies[index], MakeBody(speakers, index));
    }

    public Original Original(int index)
    {
        return _originals[index] ?? Keep(ref _originals[index], MakeOriginal(index));
    }

    private Person Someone(Population speakers, int rank)
    {
        var index = speakers.FirstPerson + rank;
        return _people[index] ?? Keep(ref _people[index], new Person(seed, index, speakers.Language));
    }

    private Template MakeBody(Population speakers, int index)
    {
        var random = Randomness.For(seed, Purpose.Body, index);
        var pictures = Pictures(ref random);
        var draft = Text(speakers, pictures, replies: 0.2, ref random);
        return TweetJson.Render(TweetPlace.Plain, draft, speakers.Language, pictures, random);
    }

    private Original MakeOriginal(int index)
    {
        var random = Randomness.For(seed, Purpose.Original, index);
        var speakers = Speakers(ref random);
        var author = Author(speakers, ref random);
        for (var i = 0; i < 4; i++)
        {
            // What is retweeted comes from people with an audience.
            var other = Someone(speakers, random.Next(speakers.PersonCount));
            author = other.FollowersAt(StreamTime.StartMs) > author.FollowersAt(StreamTime.StartMs) ? other : author;
        }

        var pictures = Pictures(ref random);
        var draft = Text(speakers, pictures, replies: 0, ref random);
        var quote = new TextDraft().Say(speakers.Language.Phrase(ref random)).Say(" ")
            .Quoted("https://t.co/" + PersonJson.Key(ref random, 10), author);
        var language = speakers.Language;
        return new Original(
            author,
            TweetJson.Render(TweetPlace.Inner, draft, language, pictures, random),
            TweetJson.Render(TweetPlace.Retweet, draft.Retweeted(author), language, pictures, Randomness.For(seed, Purpose.Quote, ~index)),
            TweetJson.Render(TweetPlace.Quote, quote, language, [], Randomness.For(seed, Purpose.Quote, index)));
    }

    private static List<Picture> Pictures(ref Randomness random)
    {
        var pictures = new List<Picture>();
        if (random.Chance(PictureShare))
        {
            var video = random.Chance(0.2);
            for (var count = video || random.Chance(0.45) ? 1 : random.Next(2, 5); count > 0; count--)
            {
                pictures.Add(new Picture(ref random, video));
            }
        }

        return pictures;
    }

    private TextDraft Text(Population speakers, List<Picture> pictures, double replies, ref Randomness random)
    {
        var language = speakers.Language;
        var draft = new TextDraft();
        if (random.Chance(replies))
        {
            draft.Mention(Author(speakers, ref random)).Say(" ");
        }

        var phrases = random.Chance(0.02) ? random.Next(12, 25) : random.Next(1, 6);
        for (var (i, previous) = (0, ""); i < phrases; i++)
        {
            var phrase = language.Phrase(ref random);
            if (phrase != previous)
            {
                draft.Say(i == 0 ? "" : random.Pick(Separators)).Say(previous = phrase);
            }
        }

        if (random.Chance(0.45))
        {
            var emoji = random.Pick(Stock.Emoji);
            draft.Say(" " + string.Concat(Enumerable.Repeat(emoji, random.Next(1, 4))));
        }

        var ranks = new ZipfLaw(language.Tags.Count, TagExponent);
        for (var tags = random.Chance(0.42) ? random.Next(1, 4) : 0; tags > 0; tags--)
        {
            var tag = language.Tags[ranks.Rank(random.NextDouble())];
            if (!draft.Entities.Exists(entity => entity.Value == tag))
            {
                draft.Say(" ").Hashtag(tag);
            }
        }

        if (random.Chance(0.45))
        {
            draft.Say(" ").Link("https://t.co/" + PersonJson.Key(ref random, 10), random.Pick(Stock.Sites) + PersonJson.Key(ref random, 11));
        }

        if (pictures.Count > 0)
        {
            draft.Say(" ").Media("https://t.co/" + PersonJson.Key(ref random, 10));
        }

        return draft;
    }

    private static IReadOnlyList<string> Separators { get; } = [". ", ". ", "! ", ", ", "\n", "\n\n", " / ", " - ", "... ", " &amp; ", "\t"];

    private static T Keep<T>(ref T? place, T made)
        where T : class
    {
        // Two streams may make the same thing at once; it is equal, and one of the two is kept.
        return Interlocked.CompareExchange(ref place, made, null) ?? made;
    }
}
