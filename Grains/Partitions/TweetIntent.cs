using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// What a tweet partition is about to write, noted before it does: enough to tell the users' partitions the same again, should it be
/// killed in the middle.
/// </summary>
/// <param name="Writer">The activation that wrote it.</param>
/// <param name="Batch">The batch; all before it are done with.</param>
/// <param name="Open">Whether it may be unfinished.</param>
/// <param name="Entries">Its tweets.</param>
/// <param name="Authors">What the tweets say of their users, the latest of each.</param>
internal sealed record TweetIntent(
    Guid Writer, long Batch, bool Open, IReadOnlyList<TweetIntent.Entry> Entries, IReadOnlyDictionary<long, TweetAuthor> Authors)
{
    private const byte HasScore = 1;
    private const byte HasPrevious = 2;
    private static readonly StoredMark Mark = new("tweets", 1, "the batch of a tweet partition");

    /// <summary>The intent of a partition that has written nothing yet.</summary>
    public static TweetIntent None { get; } = new(Guid.Empty, 0, false, [], new Dictionary<long, TweetAuthor>());

    /// <summary>The intent of a batch of distinct tweets.</summary>
    /// <param name="writer">The activation.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="tweets">Its tweets.</param>
    /// <param name="counted">The score that each tweet is counted with so far; tweets that are not are not in it, or have none.</param>
    public static TweetIntent Of(Guid writer, long batch, IReadOnlyList<ScoredTweet> tweets, IReadOnlyDictionary<long, double?> counted)
    {
        var entries = new List<Entry>(tweets.Count);
        var authors = new Dictionary<long, TweetAuthor>();
        foreach (var tweet in tweets)
        {
            entries.Add(new Entry(tweet.Id, tweet.UserId, tweet.Engagement, counted.GetValueOrDefault(tweet.Id)));
            if (tweet.Author is { } author)
            {
                authors[tweet.UserId] = author;
            }
        }

        return new TweetIntent(writer, batch, true, entries, authors);
    }

    /// <summary>By how much totals change, by partition of the users.</summary>
    /// <param name="partitions">How many there are.</param>
    /// <param name="written">The tweets that were written; the others change nothing.</param>
    public Dictionary<int, Dictionary<long, UserDelta>> ChangesOf(int partitions, Func<long, bool> written)
    {
        var changes = new Dictionary<int, Dictionary<long, UserDelta>>();
        foreach (var entry in Entries)
        {
            if (entry.User == 0 || !written(entry.Tweet))
            {
                continue;
            }

            var partition = Partition.Of(entry.User, partitions);
            if (!changes.TryGetValue(partition, out var users))
            {
                changes.Add(partition, users = []);
            }

            var change = users.GetValueOrDefault(entry.User).Change;
            users[entry.User] = new UserDelta(
                entry.User, entry.Score is { } score ? change.With(score, entry.Previous) : change, Authors.GetValueOrDefault(entry.User));
        }

        return changes;
    }

    /// <summary>Writes it.</summary>
    public byte[] Write()
    {
        using var writer = new FlatWriter(64 * (Entries.Count + 1));
        Mark.Write(writer);
        writer.Id(Writer);
        writer.Number(Batch);
        writer.Byte(Open ? (byte)1 : (byte)0);
        writer.Number(Entries.Count);
        foreach (var (tweet, user, score, previous) in Entries)
        {
            writer.Number(tweet);
            writer.Number(user);
            writer.Byte((byte)((score is null ? 0 : HasScore) | (previous is null ? 0 : HasPrevious)));
            if (score is { } now)
            {
                writer.Real(now);
            }

            if (previous is { } before)
            {
                writer.Real(before);
            }
        }

        foreach (var (user, author) in Authors)
        {
            writer.Number(user);
            UserDelta.WriteAuthor(writer, author);
        }

        return writer.ToArray();
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It was not written like this, or by a version that this one does not know.</exception>
    public static TweetIntent Read(byte[] bytes)
    {
        var reader = new FlatReader(Mark.Open(bytes));
        var (writer, batch, open) = (reader.Id(), reader.Number(), reader.Byte() != 0);
        var entries = new List<Entry>();
        for (var count = reader.Count(); count > 0; count--)
        {
            var (tweet, user, flags) = (reader.Number(), reader.Number(), reader.Byte());
            entries.Add(new Entry(
                tweet, user, (flags & HasScore) != 0 ? reader.Real() : null, (flags & HasPrevious) != 0 ? reader.Real() : null));
        }

        var authors = new Dictionary<long, TweetAuthor>();
        while (!reader.AtEnd)
        {
            var user = reader.Number();
            if (UserDelta.ReadAuthor(ref reader, user) is { } author)
            {
                authors[user] = author;
            }
        }

        return new TweetIntent(writer, batch, open, entries, authors);
    }

    /// <summary>A tweet of the batch.</summary>
    /// <param name="Tweet">Its id.</param>
    /// <param name="User">Its author; 0 where unknown.</param>
    /// <param name="Score">The engagement it is written with; null: the stored one stays.</param>
    /// <param name="Previous">The engagement it is counted with so far; null: it is not.</param>
    internal readonly record struct Entry(long Tweet, long User, double? Score, double? Previous);
}
