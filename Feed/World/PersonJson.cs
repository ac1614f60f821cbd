using System.Globalization;

namespace Rookery.Feed;

/// <summary>A user object as Twitter's API v1.1 renders it.</summary>
internal static class PersonJson
{
    private const string Images = "http://pbs.twimg.com/profile_";
    private const string SecureImages = "https://pbs.twimg.com/profile_";
    private const string Themes = "http://abs.twimg.com/images/themes/theme";
    private const string SecureThemes = "https://abs.twimg.com/images/themes/theme";

    public static Template Render(Person person, Randomness random)
    {
        var json = new TemplateWriter(asciiOnly: random.Chance(0.6));
        var language = person.Language;
        json.StartObject()
            .IdPair("id", person.Id)
            .String("name", person.Name)
            .String("screen_name", person.ScreenName)
            .String("location", random.Chance(0.6) ? random.Pick(language.Places) : null)
            .String("url", random.Chance(0.35) ? "http://" + person.ScreenName.Replace("_", "", StringComparison.Ordinal) + ".example.com/" : null)
            .String("description", random.Chance(0.88) ? Description(language, ref random) : null)
            .Bool("protected", false)
            .Bool("verified", person.Verified)
            .Slot("followers_count", SlotKind.UserFollowers)
            .Number("friends_count", person.Friends)
            .Number("listed_count", person.Listed)
            .Slot("favourites_count", SlotKind.UserFavourites)
            .Slot("statuses_count", SlotKind.UserStatuses)
            .String("created_at", TwitterDate.Format(person.CreatedMs));
        Zone(json, ref random);
        json.Bool("geo_enabled", random.Chance(0.4))
            .String("lang", language.Code)
            .Bool("contributors_enabled", false)
            .Bool("is_translator", random.Chance(0.01))
            .Bool("is_translation_enabled", random.Chance(0.05));
        Profile(json, person, ref random);
        json.Nulls("following", "follow_request_sent", "notifications");
        return json.EndObject().Build();
    }

    private static string Description(Language language, ref Randomness random)
    {
        var first = random.Pick(language.Bios);
        return random.Next(5) switch
        {
            0 => $"{first}\n{random.Pick(Stock.Emoji)} {random.Pick(language.Places)}",
            1 => $"{first}\n{random.Pick(language.Bios)}",
            2 => $"{first} | #{random.Pick(language.Tags)} {random.Pick(Stock.Emoji)}",
            _ => first,
        };
    }

    private static void Zone(TemplateWriter json, ref Randomness random)
    {
        if (random.Chance(0.4))
        {
            json.Nulls("utc_offset", "time_zone");
            return;
        }

        var (name, offset) = random.Pick(Stock.TimeZones);
        json.Number("utc_offset", offset).String("time_zone", name);
    }

    private static void Profile(TemplateWriter json, Person person, ref Randomness random)
    {
        var colour = random.Pick(Stock.Colours);
        var theme = random.Chance(0.5) ? "1/bg.png" : $"{1 + random.Next(19)}/bg.gif";
        var image = $"images/{(random.NextBits() >> 4).ToString(CultureInfo.InvariantCulture)}/{Key(ref random, 8)}_normal.jpg";
        json.String("profile_background_color", colour)
            .String("profile_background_image_url", Themes + theme)
            .String("profile_background_image_url_https", SecureThemes + theme)
            .Bool("profile_background_tile", random.Chance(0.3))
            .String("profile_link_color", random.Pick(Stock.Colours))
            .String("profile_sidebar_border_color", random.Pick(Stock.Colours))
            .String("profile_sidebar_fill_color", random.Pick(Stock.Colours))
            .String("profile_text_color", "333333")
            .Bool("profile_use_background_image", true)
            .String("profile_image_url", Images + image)
            .String("profile_image_url_https", SecureImages + image)
            .String("profile_banner_url", random.Chance(0.8) ? FormattableString.Invariant($"{SecureImages}banners/{person.Id}/14{random.Next(10_000_000, 60_000_000)}") : null)
            .Bool("default_profile", theme[0] == '1')
            .Bool("default_profile_image", random.Chance(0.04));
    }

    /// <summary>Letters and digits, as in addresses of images and short links.</summary>
    internal static string Key(ref Randomness random, int length)
    {
        const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        Span<char> key = stackalloc char[length];
        foreach (ref var c in key)
        {
            c = Alphabet[random.Next(Alphabet.Length)];
        }

        return key.ToString();
    }
}
