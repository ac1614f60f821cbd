namespace Rookery.Feed;

/// <summary>
/// The frame of an event, byte for byte that of the original server: the event's name is in quotes and followed by a blank line,
/// so to a conforming parser every event is an empty block and then a block with data only.
/// </summary>
internal static class SseFrame
{
    /// <summary>The most bytes the frame adds to a tweet; the whole kill message is shorter.</summary>
    public const int MaxLength = 128;

    public static ReadOnlySpan<byte> BeforeTweet => "event: \"message\"\n\ndata: {\"message\": {\"tweet\": "u8;

    public static ReadOnlySpan<byte> BeforeTimestamp => ", \"unix_timestamp_100us\": "u8;

    public static ReadOnlySpan<byte> End => "}}\n\n"u8;

    /// <summary>The kill message; its data is deliberately not JSON.</summary>
    public static ReadOnlySpan<byte> Panic => "event: \"message\"\n\ndata: {\"message\": panic}\n\n"u8;

    /// <summary>Writes one event.</summary>
    /// <param name="writer">Where to; room for <see cref="Draw.MaxLength"/> bytes is needed.</param>
    /// <param name="draw">The message.</param>
    /// <param name="now">The time of sending, in units of 100 µs since the Unix epoch.</param>
    public static void Write(ref FilledWriter writer, in Draw draw, long now)
    {
        if (draw.Outer is null)
        {
            writer.Copy(Panic);
            return;
        }

        writer.Copy(BeforeTweet);
        WriteTweet(ref writer, draw, draw.Outer, inner: false);
        writer.Copy(BeforeTimestamp);
        writer.Number(now);
        writer.Copy(End);
    }

    private static void WriteTweet(ref FilledWriter writer, in Draw draw, Template tweet, bool inner)
    {
        var text = tweet.Text.AsSpan();
        var copied = 0;
        foreach (var slot in tweet.Slots)
        {
            writer.Copy(text[copied..slot.Offset]);
            copied = slot.Offset;
            switch (slot.Kind)
            {
                case SlotKind.Id:
                    writer.Number(inner ? draw.InnerId : draw.Id);
                    break;
                case SlotKind.CreatedAt:
                    writer.Date(inner ? draw.InnerTimeMs : draw.TimeMs);
                    break;
                case SlotKind.TimestampMs:
                    writer.Number(draw.TimeMs);
                    break;
                case SlotKind.Author:
                    WritePerson(ref writer, inner ? draw.Original!.Author : draw.Author, draw.TimeMs);
                    break;
                case SlotKind.Inner:
                    WriteTweet(ref writer, draw, draw.Original!.Inner, inner: true);
                    break;
                case SlotKind.InnerId:
                    writer.Number(draw.InnerId);
                    break;
                case SlotKind.Retweets:
                    writer.Number(draw.Retweets);
                    break;
                case SlotKind.Favourites:
                    writer.Number(draw.Favourites);
                    break;
            }
        }

        writer.Copy(text[copied..]);
    }

    private static void WritePerson(ref FilledWriter writer, Person person, long timeMs)
    {
        var text = person.Template.Text.AsSpan();
        var copied = 0;
        foreach (var slot in person.Template.Slots)
        {
            writer.Copy(text[copied..slot.Offset]);
            copied = slot.Offset;
            writer.Number(slot.Kind switch
            {
                SlotKind.UserFollowers => person.FollowersAt(timeMs),
                SlotKind.UserStatuses => person.StatusesAt(timeMs),
                _ => person.FavouritesAt(timeMs),
            });
        }

        writer.Copy(text[copied..]);
    }
}
