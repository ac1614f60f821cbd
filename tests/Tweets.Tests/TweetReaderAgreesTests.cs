using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rookery.Tweets.Tests;

/// <summary>The scanner against System.Text.Json on JSON of any shape.</summary>
public class TweetReaderAgreesTests
{
    [Fact]
    public void The_reader_finds_what_a_JSON_document_finds()
    {
        Property.Holds(random =>
        {
            var json = new Maker(random).Root();
            var block = Streams.Read(json);

            Assert.Equal(Expected(json), Found(block));
        }, 2000);
    }

    [Fact]
    public void Damaged_JSON_never_does_harm()
    {
        Property.Holds(random =>
        {
            var bytes = Streams.Utf8($"data: {new Maker(random).Root()}\n\n");
            for (var i = 0; i < 3; i++)
            {
                bytes[random.Next(6, bytes.Length - 2)] = random.Pick((byte)'"', (byte)'\\', (byte)'{', (byte)'}', (byte)'[', (byte)']', (byte)':', (byte)',', (byte)'0', (byte)0xE4);
            }

            var reader = new TweetStreamReader(new SequenceSource());
            var block = Streams.Read(reader, new TweetBlockPool(), bytes);

            Assert.Equal(1, reader.Counters.Rejected + reader.Counters.Tweets);
            foreach (ref readonly var record in block.Records)
            {
                Assert.True(record.Id > 0);
                Assert.True(System.Text.Unicode.Utf8.IsValid(block.Utf8(record.Text)));
            }
        }, 1000);
    }

    private static List<string> Found(TweetBlock block)
    {
        var found = new List<string>();
        for (var i = 0; i < block.Count; i++)
        {
            ref var record = ref block[i];
            found.Add(Line(
                record.Id, record.UserId, block.Text(record.Text), block.Text(record.Language), block.Text(record.ScreenName), record.Favorites,
                record.Retweets, record.Followers, record.RetweetedId, block.Hashtags(i), block.Text(record.Json), block.Text(record.UserJson)));
        }

        return found;
    }

    private static List<string> Expected(string json)
    {
        using var document = JsonDocument.Parse(json);
        var expected = new List<string>();
        var message = Member(document.RootElement, "message");
        Add(Member(message, "tweet"), expected, false);
        return expected;
    }

    private static long Add(JsonElement tweet, List<string> to, bool inner)
    {
        if (tweet.ValueKind != JsonValueKind.Object)
        {
            return 0;
        }

        var id = Id(tweet);
        if (id == 0 || Member(tweet, "text").ValueKind != JsonValueKind.String)
        {
            return inner ? id : 0;
        }

        var user = Member(tweet, "user");
        var tags = Member(Member(tweet, "entities"), "hashtags");
        var hashtags = tags.ValueKind == JsonValueKind.Array
            ? tags.EnumerateArray().Select(tag => Text(tag, "text")).Where(tag => tag.Length > 0).ToArray()
            : [];
        var place = to.Count;
        to.Add("");
        var retweeted = Add(Member(tweet, "retweeted_status"), to, true);
        to[place] = Line(
            id, Id(user), Text(tweet, "text"), Text(tweet, "lang"), Text(user, "screen_name"), Math.Max(0, Whole(tweet, "favorite_count")),
            Math.Max(0, Whole(tweet, "retweet_count")), Math.Max(0, Whole(user, "followers_count")), retweeted, hashtags, tweet.GetRawText(),
            user.ValueKind == JsonValueKind.Object ? user.GetRawText() : "");
        return id;
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static long Whole(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : 0;

    private static string Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    private static long Id(JsonElement element)
    {
        var number = Math.Max(0, Whole(element, "id"));
        return number is > 0 and <= 1L << 53
            ? number
            : long.TryParse(Text(element, "id_str"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : number;
    }

    private static string Line(
        long id, long user, string text, string lang, string name, long favorites, long retweets, long followers, long retweeted, string[] tags, string json, string userJson) =>
        $"{id}|{user}|{text}|{lang}|{name}|{favorites}|{retweets}|{followers}|{retweeted}|{string.Join(',', tags)}|{json}|{userJson}";

    /// <summary>Makes tweets with members in any order, white space, escapes, unknown members and values of wrong types.</summary>
    private sealed class Maker(Random random)
    {
        private int _ids;

        public string Root() => Object(("message", Object(("tweet", Tweet(0)), ("unix_timestamp_100us", Whole()))));

        private string Tweet(int depth)
        {
            var id = (++_ids + (random.Next(3) == 0 ? 1L << 60 : 0)).ToString(CultureInfo.InvariantCulture);
            var members = new List<(string, string)>
            {
                ("id", random.Pick(id, id, id, "null", Any())), ("id_str", random.Pick($"\"{id}\"", $"\"{id}\"", String())), ("text", random.Next(20) == 0 ? Any() : String()),
                ("lang", Value()), ("favorite_count", Whole()), ("retweet_count", Whole()), ("user", random.Next(8) == 0 ? Any() : User()),
                ("entities", random.Next(8) == 0 ? Any() : Object(("hashtags", Hashtags()), ("urls", Any()), ("text", String()))),
            };
            if (depth < 4 && random.Next(2) == 0)
            {
                members.Add(("retweeted_status", random.Next(8) == 0 ? Any() : Tweet(depth + 1)));
            }

            return Object([.. members]);
        }

        private string User() => Object(
            ("id", random.Pick("1", "22", Whole())), ("id_str", random.Pick("\"7\"", String())), ("screen_name", String()), ("followers_count", Whole()), ("text", String()));

        private string Hashtags() => random.Next(6) == 0
            ? Any()
            : List([.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(6) == 0 ? Any() : Object(("text", Value()), ("indices", "[0,5]")))]);

        private string Whole() => random.Pick("0", "7", "-3", "123456789012", "1.5", "2e3", "null", "99999999999999999999", "-0", String());

        private string Value() => random.Next(5) == 0 ? Any() : String();

        private string Any(int depth = 0) => random.Next(depth < 4 ? 9 : 6) switch
        {
            0 => "null",
            1 => "true",
            2 => "false",
            3 => Whole(),
            4 or 5 => String(),
            6 => List([.. Enumerable.Range(0, random.Next(4)).Select(_ => Any(depth + 1))]),
            _ => Object([.. Enumerable.Range(0, random.Next(4)).Select(i => ($"x{i}", Any(depth + 1)))]),
        };

        private string Object(params (string Name, string Value)[] members)
        {
            var all = members.Concat(Enumerable.Range(0, random.Next(4)).Select(i => (random.Pick("id_", "xid", "", "text ", "id\\\"", "tweets", "message:", "{", "long" + new string('g', 40)) + i, Any(2)))).ToArray();
            random.Shuffle(all);
            return $"{{{Space()}{string.Join($"{Space()},{Space()}", all.Select(m => $"{Name(m.Item1)}{Space()}:{Space()}{m.Item2}"))}{Space()}}}";
        }

        private string List(string[] values) => $"[{Space()}{string.Join($"{Space()},{Space()}", values)}{Space()}]";

        private string Name(string name) => random.Next(10) > 0 || name.Length == 0 || name.Contains('\\', StringComparison.Ordinal)
            ? $"\"{name}\""
            : $"\"{string.Concat(name.Select(c => random.Next(2) == 0 ? c.ToString() : $"\\u{(int)c:x4}"))}\"";

        private string String()
        {
            var text = new StringBuilder("\"");
            var length = random.Pick(0, 3, 20, 80);
            for (var i = 0; i < length; i++)
            {
                text.Append(random.Pick("a", "B", " ", "é", "日", "😀", "\\\"", "\\\\", "\\n", "\\u00e9", "\\ud83d\\ude00", "{", "}", "[", "]", ":", ",", "#", "\\/"));
            }

            return text.Append('"').ToString();
        }

        private string Space() => random.Pick("", "", "", "", " ", "\t", "  ");
    }
}
