using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>By how much the totals of a user change, and what is known of that user.</summary>
/// <param name="User">The user.</param>
/// <param name="Change">What is added to the totals.</param>
/// <param name="Author">What the latest tweet says of the user; null: nothing.</param>
internal readonly record struct UserDelta(long User, UserEngagement Change, TweetAuthor? Author)
{
    /// <summary>Writes changes.</summary>
    public static byte[] Write(IReadOnlyCollection<UserDelta> changes)
    {
        using var writer = new FlatWriter(64 * (changes.Count + 1));
        foreach (var (user, change, author) in changes)
        {
            writer.Number(user);
            writer.Number(change.Count);
            writer.Real(change.Sum);
            WriteAuthor(writer, author);
        }

        return writer.ToArray();
    }

    /// <summary>Reads changes.</summary>
    /// <exception cref="InvalidDataException">They were not written like this.</exception>
    public static List<UserDelta> Read(byte[] bytes)
    {
        var reader = new FlatReader(bytes);
        var changes = new List<UserDelta>();
        while (!reader.AtEnd)
        {
            var user = reader.Number();
            changes.Add(new UserDelta(user, new UserEngagement(reader.Number(), reader.Real()), ReadAuthor(ref reader, user)));
        }

        return changes;
    }

    /// <summary>Writes what is known of a user, or that nothing is.</summary>
    public static void WriteAuthor(FlatWriter writer, TweetAuthor? author)
    {
        writer.Byte(author is null ? (byte)0 : (byte)1);
        if (author is not null)
        {
            writer.Bytes(author.ScreenName.Span);
            writer.Bytes(author.Name.Span);
            writer.Number(author.Followers);
            writer.Number(author.TweetId);
        }
    }

    /// <summary>Reads what is known of a user.</summary>
    public static TweetAuthor? ReadAuthor(ref FlatReader reader, long user) => reader.Byte() == 0 ? null : new TweetAuthor
    {
        Id = user,
        ScreenName = reader.Bytes(),
        Name = reader.Bytes(),
        Followers = reader.Number(),
        TweetId = reader.Number(),
    };
}
