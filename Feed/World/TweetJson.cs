using System.Globalization;

namespace Rookery.Feed;

/// <summary>Where in a message a tweet stands; it decides which fields it has.</summary>
internal enum TweetPlace
{
    /// <summary>A tweet of its own.</summary>
    Plain,

    /// <summary>The tweet inside a retweet or a quote.</summary>
    Inner,

    /// <summary>A tweet around a retweeted one.</summary>
    Retweet,

    /// <summary>A tweet around a quoted one.</summary>
    Quote,
}

/// <summary>A tweet object as Twitter's API v1.1 streams it, fields in its order.</summary>
internal static class TweetJson
{
    public static Template Render(TweetPlace place, TextDraft draft, Language language, IReadOnlyList<Picture> pictures, Randomness random)
    {
        var json = new TemplateWriter(asciiOnly: random.Chance(0.6));
        var (source, address) = random.Pick(Stock.Sources);
        json.StartObject()
            .QuotedSlot("created_at", SlotKind.CreatedAt)
            .Slot("id", SlotKind.Id)
            .QuotedSlot("id_str", SlotKind.Id)
            .String("text", draft.Text)
            .String("source", $"<a href=\"{address}\" rel=\"nofollow\">{source}</a>")
            .Bool("truncated", false);
        Reply(json, place, draft, ref random);
        json.Slot("user", SlotKind.Author);
        Whereabouts(json, place, ref random);
        json.Nulls("contributors");
        Around(json, place);
        Counts(json, place);
        Entities(json, draft, pictures);
        json.Bool("favorited", false).Bool("retweeted", false);
        if (pictures.Count > 0 || draft.Entities.Exists(entity => entity.Kind == EntityKind.Link))
        {
            json.Bool("possibly_sensitive", random.Chance(0.02));
        }

        json.String("filter_level", "low").String("lang", language.Code);
        if (place != TweetPlace.Inner)
        {
            json.QuotedSlot("timestamp_ms", SlotKind.TimestampMs);
        }

        return json.EndObject().Build();
    }

    private static void Reply(TemplateWriter json, TweetPlace place, TextDraft draft, ref Randomness random)
    {
        var answered = place != TweetPlace.Retweet ? draft.Entities.Find(entity => entity is { Kind: EntityKind.Mention, Start: 0 })?.Person : null;
        long? id = answered is null ? null : Snowflake.Id(StreamTime.StartMs - random.Next(100_000_000), 0, random.Next(4096));
        json.IdPair("in_reply_to_status_id", id)
            .IdPair("in_reply_to_user_id", answered?.Id)
            .String("in_reply_to_screen_name", answered?.ScreenName);
    }

    private static void Whereabouts(TemplateWriter json, TweetPlace place, ref Randomness random)
    {
        if (place == TweetPlace.Retweet || !random.Chance(0.2))
        {
            json.Nulls("geo", "coordinates", "place");
            return;
        }

        var town = random.Pick(Stock.Towns);
        var (longitude, latitude) = ((town.Box[0] + town.Box[2]) / 2, (town.Box[1] + town.Box[3]) / 2);
        if (random.Chance(0.3))
        {
            Point(json, "geo", latitude, longitude);
            Point(json, "coordinates", longitude, latitude);
        }
        else
        {
            json.Nulls("geo", "coordinates");
        }

        var key = (random.NextBits() | (1UL << 63)).ToString("x16", CultureInfo.InvariantCulture);
        json.StartObject("place")
            .String("id", key)
            .String("url", $"https://api.twitter.com/1.1/geo/id/{key}.json")
            .String("place_type", "city")
            .String("name", town.Name)
            .String("full_name", $"{town.Name}, {town.Country}")
            .String("country_code", town.Code)
            .String("country", town.Country)
            .StartObject("bounding_box").String("type", "Polygon").StartArray("coordinates").StartArray();
        foreach (var (x, y) in ((int, int)[])[(0, 1), (0, 3), (2, 3), (2, 1)])
        {
            json.StartArray().Decimal(town.Box[x]).Decimal(town.Box[y]).EndArray();
        }

        json.EndArray().EndArray().EndObject().StartObject("attributes").EndObject().EndObject();
    }

    private static void Point(TemplateWriter json, string name, double first, double second)
    {
        json.StartObject(name).String("type", "Point").StartArray("coordinates").Decimal(first).Decimal(second).EndArray().EndObject();
    }

    private static void Around(TemplateWriter json, TweetPlace place)
    {
        switch (place)
        {
            case TweetPlace.Retweet:
                json.Slot("retweeted_status", SlotKind.Inner);
                break;
            case TweetPlace.Quote:
                json.Slot("quoted_status_id", SlotKind.InnerId)
                    .QuotedSlot("quoted_status_id_str", SlotKind.InnerId)
                    .Slot("quoted_status", SlotKind.Inner);
                break;
        }

        json.Bool("is_quote_status", place == TweetPlace.Quote);
    }

    /// <summary>A tweet just written has counts of zero; only those inside others had time to be noticed.</summary>
    private static void Counts(TemplateWriter json, TweetPlace place)
    {
        if (place == TweetPlace.Inner)
        {
            json.Slot("retweet_count", SlotKind.Retweets).Slot("favorite_count", SlotKind.Favourites);
        }
        else
        {
            json.Number("retweet_count", 0).Number("favorite_count", 0);
        }
    }

    private static void Entities(TemplateWriter json, TextDraft draft, IReadOnlyList<Picture> pictures)
    {
        json.StartObject("entities").StartArray("hashtags");
        foreach (var entity in draft.Entities.Where(entity => entity.Kind == EntityKind.Hashtag))
        {
            json.StartObject().String("text", entity.Value).Indices(entity.Start, entity.End).EndObject();
        }

        json.EndArray().StartArray("urls");
        foreach (var entity in draft.Entities.Where(entity => entity.Kind is EntityKind.Link or EntityKind.Quoted))
        {
            Link(json, entity);
        }

        json.EndArray().StartArray("user_mentions");
        foreach (var entity in draft.Entities.Where(entity => entity.Kind == EntityKind.Mention))
        {
            var person = entity.Person!;
            json.StartObject().String("screen_name", person.ScreenName).String("name", person.Name).IdPair("id", person.Id)
                .Indices(entity.Start, entity.End).EndObject();
        }

        json.EndArray().StartArray("symbols").EndArray();
        if (draft.Entities.Find(entity => entity.Kind == EntityKind.Media) is not { } media)
        {
            json.EndObject();
            return;
        }

        // The old field holds the first picture only, the extended one all of them.
        json.StartArray("media");
        pictures[0].Render(json, media, extended: false);
        json.EndArray().EndObject().StartObject("extended_entities").StartArray("media");
        foreach (var picture in pictures)
        {
            picture.Render(json, media, extended: true);
        }

        json.EndArray().EndObject();
    }

    private static void Link(TemplateWriter json, TextEntity link)
    {
        json.StartObject().String("url", link.Shown);
        if (link.Kind == EntityKind.Quoted)
        {
            json.StringAround("expanded_url", $"https://twitter.com/{link.Person!.ScreenName}/status/", SlotKind.InnerId, "")
                .String("display_url", $"twitter.com/{link.Person.ScreenName}/…");
        }
        else
        {
            var target = link.Value;
            json.String("expanded_url", "https://" + target)
                .String("display_url", target.Length > 26 ? target[..26] + "…" : target);
        }

        json.Indices(link.Start, link.End).EndObject();
    }
}
