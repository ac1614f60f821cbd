using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace Rookery.Feed.Tests;

/// <summary>Streams without a server: sequences, their events, and writers into pipes.</summary>
internal static class Streams
{
    public const string EventStart = "event: \"message\"\n\ndata: ";

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static TweetSequence Sequence(int seed, int stream = 1, double panics = 0)
    {
        return new TweetSequence(new TweetWorld(seed), seed, stream, panics);
    }

    /// <summary>The data of the next events of a sequence.</summary>
    public static List<string> Payloads(this TweetSequence sequence, int count)
    {
        var payloads = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            var buffer = new byte[sequence.NextMaxLength()];
            var writer = new FilledWriter(buffer);
            Assert.True(sequence.TryWrite(ref writer, buffer.Length, 16523062290197));
            var text = Encoding.UTF8.GetString(buffer, 0, writer.Length);
            Assert.StartsWith(EventStart, text, StringComparison.Ordinal);
            Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
            payloads.Add(text[EventStart.Length..^2]);
        }

        return payloads;
    }

    public static List<JsonElement> Tweets(this TweetSequence sequence, int count)
    {
        return sequence.Payloads(count).ConvertAll(Tweet);
    }

    public static JsonElement Tweet(string payload)
    {
        using var document = JsonDocument.Parse(payload);
        return document.RootElement.GetProperty("message").GetProperty("tweet").Clone();
    }

    public static LiveStream[] Live(FeedOptions options)
    {
        var world = new TweetWorld(options.Seed);
        return [.. Enumerable.Range(1, options.Streams)
            .Select(stream => new LiveStream(new TweetSequence(world, options.Seed, stream, options.PanicProbability)))];
    }

    public static TweetWriter Writer(FeedOptions options, FeedCounters counters, TimeProvider time)
    {
        return new TweetWriter(options, Live(options), counters, time, NullLogger.Instance);
    }

    /// <summary>Everything a connection with an end is sent.</summary>
    public static async Task<string> WholeConnection(FeedOptions options, TimeProvider time, int stream = 1)
    {
        using var counters = new FeedCounters();
        var pipe = new Pipe();
        var writing = Task.Run(async () =>
        {
            await Writer(options, counters, time).WriteAsync(pipe.Writer, stream, CancellationToken.None);
            await pipe.Writer.CompleteAsync();
        });
        using var reader = new StreamReader(pipe.Reader.AsStream(), Encoding.UTF8);
        var text = await reader.ReadToEndAsync().WaitAsync(Deadline);
        await writing.WaitAsync(Deadline);
        return text;
    }

    public static string[] Events(string text)
    {
        var parts = text.Split(EventStart);
        Assert.Equal("", parts[0]);
        return [.. parts.Skip(1).Select(part =>
        {
            Assert.EndsWith("\n\n", part, StringComparison.Ordinal);
            return part[..^2];
        })];
    }
}
