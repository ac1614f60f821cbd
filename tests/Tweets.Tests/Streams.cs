using System.Text;

namespace Rookery.Tweets.Tests;

/// <summary>Shorthand for feeding streams to readers.</summary>
internal static class Streams
{
    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(this TweetBlock block, Utf8Range range) => Encoding.UTF8.GetString(block.Utf8(range));

    public static string[] Hashtags(this TweetBlock block, int record)
    {
        var tags = new List<string>();
        foreach (var tag in block.HashtagsOf(block[record]))
        {
            tags.Add(block.Text(tag));
        }

        return [.. tags];
    }

    /// <summary>A block that was read from one event with this data.</summary>
    public static TweetBlock Read(string json, out TweetStreamReader reader)
    {
        var pool = new TweetBlockPool(4 << 10);
        reader = new TweetStreamReader(new SequenceSource());
        return Read(reader, pool, Utf8($"data: {json}\n\n"));
    }

    public static TweetBlock Read(string json) => Read(json, out _);

    /// <summary>A block with these tweets, ids from 1, for tests of what comes after reading.</summary>
    public static TweetBlock Block(TweetBlockPool pool, SequenceSource sequences, params string[] events)
    {
        var reader = new TweetStreamReader(sequences);
        return Read(reader, pool, Utf8(string.Concat(events.Select(data => $"data: {data}\n\n"))));
    }

    public static string Tweet(long id, string text = "a day", long user = 1, long followers = 10, long favorites = 0) =>
        $$$"""{"message":{"tweet":{"id":{{{id}}},"text":"{{{text}}}","favorite_count":{{{favorites}}},"user":{"followers_count":{{{followers}}},"id":{{{user}}} } } } }""";

    public static TweetBlock Read(TweetStreamReader reader, TweetBlockPool pool, ReadOnlySpan<byte> bytes)
    {
        var block = pool.Rent(bytes.Length);
        bytes.CopyTo(block.Free.Span);
        block.Advance(bytes.Length);
        reader.Read(block);
        return block;
    }
}
