namespace Rookery.Feed;

/// <summary>What is filled into a template each time it is sent.</summary>
internal enum SlotKind : byte
{
    /// <summary>The tweet's id.</summary>
    Id,

    /// <summary>The tweet's date, as <c>Mon Apr 18 19:30:47 +0000 2016</c>.</summary>
    CreatedAt,

    /// <summary>The tweet's date in milliseconds.</summary>
    TimestampMs,

    /// <summary>The author, an object of its own.</summary>
    Author,

    /// <summary>The tweet that is retweeted or quoted.</summary>
    Inner,

    /// <summary>The id of the tweet that is retweeted or quoted.</summary>
    InnerId,

    /// <summary>How often the tweet was retweeted.</summary>
    Retweets,

    /// <summary>How often the tweet was marked as a favourite.</summary>
    Favourites,

    /// <summary>How many follow this user.</summary>
    UserFollowers,

    /// <summary>How many tweets this user wrote.</summary>
    UserStatuses,

    /// <summary>How many tweets this user marked as a favourite.</summary>
    UserFavourites,
}

/// <summary>A place in a template: what goes there, before the byte at an offset.</summary>
internal readonly record struct Slot(int Offset, SlotKind Kind);

/// <summary>JSON rendered once, with slots for what changes.</summary>
internal sealed class Template(byte[] text, Slot[] slots)
{
    public byte[] Text { get; } = text;

    public Slot[] Slots { get; } = slots;

    /// <summary>The most bytes it can take when filled, not counting author and inner tweet.</summary>
    public int MaxLength { get; } = text.Length + (slots.Length * FilledWriter.MaxValueLength);
}
