using System.Text;

namespace Rookery.Feed;

/// <summary>A tweet's text while it is put together, with the places of its hashtags, mentions and links counted in code points.</summary>
internal sealed class TextDraft
{
    /// <summary>The classic limit of a tweet, in code points.</summary>
    public const int ClassicLength = 140;

    private readonly StringBuilder _text = new();

    public List<TextEntity> Entities { get; } = [];

    public int Length { get; private set; }

    public string Text => _text.ToString();

    public TextDraft Say(string words)
    {
        _text.Append(words);
        Length += CodePoints(words);
        return this;
    }

    public TextDraft Hashtag(string tag) => Mark(EntityKind.Hashtag, "#" + tag, tag, null);

    public TextDraft Mention(Person person) => Mark(EntityKind.Mention, "@" + person.ScreenName, person.ScreenName, person);

    public TextDraft Link(string shortAddress, string target) => Mark(EntityKind.Link, shortAddress, target, null);

    public TextDraft Media(string shortAddress) => Mark(EntityKind.Media, shortAddress, shortAddress, null);

    public TextDraft Quoted(string shortAddress, Person author) => Mark(EntityKind.Quoted, shortAddress, shortAddress, author);

    /// <summary>The text of a retweet: <c>RT @name: </c> and the original, cut to the classic length, entities moved along.</summary>
    public TextDraft Retweeted(Person author)
    {
        var retweet = new TextDraft().Say("RT ").Mention(author).Say(": ");
        var shift = retweet.Length;
        var cut = shift + Length > ClassicLength;
        retweet.Say(cut ? Cut(Text, ClassicLength - shift - 1) + "…" : Text);
        foreach (var entity in Entities)
        {
            if (!cut || shift + entity.End < ClassicLength)
            {
                retweet.Entities.Add(entity with { Start = entity.Start + shift, End = entity.End + shift });
            }
            else if (entity.Kind == EntityKind.Media)
            {
                // The pictures stay though the link to them is cut off; Twitter lets them point at the ellipsis.
                retweet.Entities.Add(entity with { Start = retweet.Length - 1, End = retweet.Length });
            }
        }

        return retweet;
    }

    private TextDraft Mark(EntityKind kind, string shown, string value, Person? person)
    {
        var start = Length;
        Say(shown);
        Entities.Add(new TextEntity(kind, start, Length, shown, value, person));
        return this;
    }

    private static int CodePoints(string words)
    {
        var count = words.Length;
        foreach (var c in words)
        {
            count -= char.IsLowSurrogate(c) ? 1 : 0;
        }

        return count;
    }

    private static string Cut(string text, int codePoints)
    {
        var end = 0;
        for (; codePoints > 0; codePoints--)
        {
            end += char.IsHighSurrogate(text[end]) ? 2 : 1;
        }

        return text[..end];
    }
}

/// <summary>What a part of a text is.</summary>
internal enum EntityKind
{
    Hashtag,
    Mention,
    Link,
    Media,
    Quoted,
}

/// <summary>A part of a text that means something; start and end in code points, end exclusive.</summary>
internal sealed record TextEntity(EntityKind Kind, int Start, int End, string Shown, string Value, Person? Person);
