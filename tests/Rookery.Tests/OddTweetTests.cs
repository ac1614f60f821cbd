using System.Text.Json;
using Rookery.Local;

namespace Rookery.Command.Tests;

/// <summary>Odd input on its whole way: from a server through the process into the database and to a subscriber.</summary>
public sealed class OddTweetTests : IDisposable
{
    private const string User = ",\"user\":{\"id\":7,\"id_str\":\"7\",\"name\":\"N\",\"screen_name\":\"n\",\"followers_count\":0}";

    private static readonly string Long = new('x', 1_000_000);

    private readonly string _data = Directory.CreateTempSubdirectory("rookery-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task What_is_odd_is_stored_and_published_and_what_is_broken_counted()
    {
        await using var source = new TweetSource();
        source.Stream(
            TweetSource.Tweet(1, $"\"{Long}\"")
            + TweetSource.Tweet(2, "\"lone \\ud83d and \\ude00 surrogates\"")
            + TweetSource.Tweet(3, "\"nobody follows\"", ",\"favorite_count\":3,\"retweet_count\":4" + User)
            + TweetSource.Tweet(4, "\"\"")
            + TweetSource.Tweet(5, "\"nulls\"", ",\"user\":null,\"entities\":null,\"lang\":null,\"favorite_count\":null,\"created_at\":null")
            + TweetSource.Tweet(6, "\"wrong types\"", ",\"user\":[],\"entities\":5,\"lang\":{},\"favorite_count\":\"many\"")
            + TweetSource.Tweet(3, "\"nobody follows\"", ",\"favorite_count\":5,\"retweet_count\":5" + User)
            + TweetSource.Event("{\"message\": {\"tweet\": {\"id\": ")
            + TweetSource.Event("{\"message\": {\"tweet\": {\"id\": 9}}}")
            + TweetSource.Event("{\"message\": 5}")
            + TweetSource.Event("{\"message\": panic}")
            + TweetSource.Tweet(8, "\"half\"")[..60]);
        source.Listen();
        await using var run = RookeryProcess.Start(
            "run", "--data", _data, "--source", source.Uri, "--streams", "1", "--broker-port", "0", "--viewer-port", "0");
        var port = await run.PortAsync("broker on ");
        var line = await run.LineAsync(l => l.Contains(" rejected=", StringComparison.Ordinal) && l.Contains(" total=7 ", StringComparison.Ordinal));
        Assert.Contains(" crashes=1 rejected=3 ", line, StringComparison.Ordinal);
        Assert.Contains(" ! stream 1: 3 messages rejected (", line, StringComparison.Ordinal);
        await using var sub = RookeryProcess.Start("sub", "tweets", "--from", "start", "--json", "--count", "6", "--port", $"{port}");
        await sub.SucceedAsync();
        var events = sub.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("msg"))
            .ToLookup(m => m.GetProperty("id").GetString());
        Assert.True(events["1"].Single().GetProperty("truncated").GetBoolean());
        Assert.Equal("lone \uFFFD and \uFFFD surrogates", events["2"].Single().GetProperty("text").GetString());
        Assert.Equal(10, events["3"].Last().GetProperty("engagement").GetDouble());
        Assert.Equal("", events["4"].Single().GetProperty("text").GetString());
        Assert.False(events["5"].Single().TryGetProperty("user", out _));
        Assert.Equal(0, events["6"].Single().GetProperty("favorites").GetInt64());

        await run.SignalAsync("INT");
        await run.SucceedAsync();
        Assert.Contains("stopped: read 7 and 0 inside them, scored 7, ", run.Out, StringComparison.Ordinal);
        Assert.Contains(", rejected 4, ", run.Out, StringComparison.Ordinal);
        using (var database = SqliteDatabase.Open(Path.Combine(_data, SqliteTweetStore.FileName), readOnly: true, TimeSpan.Zero))
        {
            Assert.Equal(6, database.Number("SELECT count(*) FROM tweets"));
            Assert.Equal(1_000_000, database.Number("SELECT length(text) FROM tweets WHERE id = 1"));
            Assert.Equal(10, database.Number("SELECT engagement FROM tweets WHERE id = 3"));
            Assert.Equal(1, database.Number("SELECT count FROM users_engagements WHERE user_id = 7"));
        }

        var original = new Shell();
        Assert.Equal(ExitCode.Ok, await original.RunAsync("original", "2", "--data", _data));
        Assert.Contains("\"text\":\"lone \\ud83d and \\ude00 surrogates\"", original.Out, StringComparison.Ordinal);
        var none = new Shell();
        Assert.Equal(ExitCode.Failed, await none.RunAsync("original", "8", "--data", _data));
        Assert.EndsWith("rookery.db has no tweet 8\n", none.Error, StringComparison.Ordinal);
        var nowhere = new Shell();
        Assert.Equal(ExitCode.Failed, await nowhere.RunAsync("original", "8", "--data", Path.Combine(_data, "nothing")));
        Assert.Contains("rookery.db is not there. Choose the folder of the tweets with --data DIR", nowhere.Error, StringComparison.Ordinal);
    }
}
