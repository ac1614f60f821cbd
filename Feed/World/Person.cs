using System.Globalization;

namespace Rookery.Feed;

/// <summary>Someone who tweets: who they are never changes, their counts grow slowly with the time of the stream.</summary>
internal sealed class Person
{
    private const long Never = long.MaxValue;
    private const long MostFollowers = 90_000_000;

    private readonly long _followerEveryMs;
    private readonly long _statusEveryMs;
    private readonly long _favouriteEveryMs;

    public Person(int seed, int index, Language language)
    {
        var random = Randomness.For(seed, Purpose.Person, index);
        Language = language;
        // Ids were given out in order once; those of accounts of the last months are snowflakes, and beyond 2^53.
        var young = random.Chance(0.15);
        var age = (3 * StreamTime.DayMs) + (long)(random.NextDouble() * (young ? 90 * StreamTime.DayMs : 8 * StreamTime.YearMs));
        CreatedMs = StreamTime.StartMs - age;
        Id = young ? Snowflake.Id(CreatedMs, 0, random.Next(4096)) : (index * 300_000L) + 12 + random.Next(300_000);
        var given = random.Pick(language.GivenNames);
        var family = random.Pick(language.FamilyNames);
        Name = random.Next(6) switch
        {
            0 => given,
            1 => $"{given} {random.Pick(Stock.Emoji)}",
            2 => $"“{given}” {family}",
            _ => $"{given} {family}",
        };
        ScreenName = random.Pick(Stock.HandleStems) + (index * 7 % 100_000).ToString(CultureInfo.InvariantCulture);

        // Most have a few hundred followers, a few have millions, some have none.
        Followers = random.Chance(0.03) ? 0 : (long)Math.Min(random.LogNormal(350, 2.5), MostFollowers);
        Friends = (long)Math.Min(random.LogNormal(320, 1.3), 300_000);
        Statuses = 1 + (long)Math.Min(random.LogNormal(6_000, 1.7), 2_000_000);
        FavouriteCount = (long)Math.Min(random.LogNormal(1_500, 2.0), 600_000);
        Listed = Followers / (40 + random.Next(200));
        Verified = Followers > 100_000 && random.Chance(0.7);

        _followerEveryMs = Followers == 0 ? Never : Math.Max(40, 30 * StreamTime.DayMs * 50 / Followers);
        _statusEveryMs = random.Next(2, 90) * 60_000L;
        _favouriteEveryMs = random.Next(2, 200) * 60_000L;
        Template = PersonJson.Render(this, random);
    }

    public Language Language { get; }

    public long Id { get; }

    public string Name { get; }

    public string ScreenName { get; }

    public long CreatedMs { get; }

    public long Friends { get; }

    public long Listed { get; }

    public bool Verified { get; }

    public Template Template { get; }

    private long Followers { get; }

    private long Statuses { get; }

    private long FavouriteCount { get; }

    public long FollowersAt(long timeMs) => Followers + ((timeMs - StreamTime.StartMs) / _followerEveryMs);

    public long StatusesAt(long timeMs) => Statuses + ((timeMs - StreamTime.StartMs) / _statusEveryMs);

    public long FavouritesAt(long timeMs) => FavouriteCount + ((timeMs - StreamTime.StartMs) / _favouriteEveryMs);
}
