using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// What a user partition has counted, and is about to write, noted before it does: totals are absolute, so that they can be written again.
/// </summary>
/// <param name="Writer">The activation that wrote it.</param>
/// <param name="Version">Grows from interval to interval.</param>
/// <param name="Open">Whether it may not have been written yet.</param>
/// <param name="Applied">The last batch that was counted, by partition of the tweets.</param>
/// <param name="Totals">Totals of users that changed.</param>
/// <param name="Authors">What is known of users.</param>
internal sealed record UserIntent(
    Guid Writer,
    long Version,
    bool Open,
    IReadOnlyDictionary<int, long> Applied,
    IReadOnlyList<KeyValuePair<long, UserEngagement>> Totals,
    IReadOnlyList<TweetAuthor> Authors)
{
    private static readonly StoredMark Mark = new("totals", 1, "the totals of a user partition");

    /// <summary>The intent of a partition that has counted nothing yet.</summary>
    public static UserIntent None { get; } = new(Guid.Empty, 0, false, new Dictionary<int, long>(), [], []);

    /// <summary>Writes it.</summary>
    public byte[] Write()
    {
        using var writer = new FlatWriter(64 * (Totals.Count + Authors.Count + 1));
        Mark.Write(writer);
        writer.Id(Writer);
        writer.Number(Version);
        writer.Byte(Open ? (byte)1 : (byte)0);
        writer.Number(Applied.Count);
        foreach (var (partition, batch) in Applied)
        {
            writer.Number(partition);
            writer.Number(batch);
        }

        writer.Number(Totals.Count);
        foreach (var (user, total) in Totals)
        {
            writer.Number(user);
            writer.Number(total.Count);
            writer.Real(total.Sum);
        }

        foreach (var author in Authors)
        {
            writer.Number(author.Id);
            UserDelta.WriteAuthor(writer, author);
        }

        return writer.ToArray();
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It was not written like this, or by a version that this one does not know.</exception>
    public static UserIntent Read(byte[] bytes)
    {
        var reader = new FlatReader(Mark.Open(bytes));
        var (writer, version, open) = (reader.Id(), reader.Number(), reader.Byte() != 0);
        var applied = new Dictionary<int, long>();
        for (var count = reader.Count(); count > 0; count--)
        {
            applied[reader.Count()] = reader.Number();
        }

        var totals = new List<KeyValuePair<long, UserEngagement>>();
        for (var count = reader.Count(); count > 0; count--)
        {
            totals.Add(new(reader.Number(), new UserEngagement(reader.Number(), reader.Real())));
        }

        var authors = new List<TweetAuthor>();
        while (!reader.AtEnd)
        {
            var user = reader.Number();
            if (UserDelta.ReadAuthor(ref reader, user) is { } author)
            {
                authors.Add(author);
            }
        }

        return new UserIntent(writer, version, open, applied, totals, authors);
    }
}
