using System.Buffers;
using System.Text.Json;
using Rookery.Tests;

namespace Rookery.Command.Tests;

/// <summary>What the page gets of the time before it was opened.</summary>
public sealed class RunHistoryTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void It_keeps_two_minutes_and_the_moment_before()
    {
        var history = new RunHistory(_time);
        for (var i = 0; i < 500; i++)
        {
            history.Add(Figures(i));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var moments = Read(history).EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(379, 121), moments.Select(moment => moment.GetProperty("broker").GetProperty("published").GetInt32()));
        Assert.Equal(120_000, moments[^1].GetProperty("time").GetInt64() - moments[0].GetProperty("time").GetInt64());
    }

    [Fact]
    public void A_broker_alone_has_no_tweets_and_a_pipeline_without_a_store_no_batches()
    {
        var history = new RunHistory(_time);
        history.Add(Figures(1));
        history.Add(Figures(2) with { Tweets = Tweets(null) });
        history.Add(Figures(3) with { Tweets = Tweets((40, TimeSpan.FromMilliseconds(2.5))) });
        var moments = Read(history);
        Assert.False(moments[0].TryGetProperty("tweets", out _));
        Assert.False(moments[1].GetProperty("tweets").TryGetProperty("store", out _));
        Assert.Equal((7, 5), (moments[1].GetProperty("tweets").GetProperty("in").GetInt32(), moments[1].GetProperty("tweets").GetProperty("scored").GetInt32()));
        Assert.Equal("""{"batch":40,"write_ms":2.5}""", moments[2].GetProperty("tweets").GetProperty("store").GetRawText());
    }

    private static StatusFigures Figures(long published) => new() { Published = published, Delivered = 0, Connections = 0, Topics = 0 };

    private static TweetFigures Tweets((int Records, TimeSpan Time)? batch) => new()
    {
        In = 7,
        Scored = 5,
        Records = 9,
        Stored = batch is null ? null : 4,
        Workers = [],
        Crashes = 0,
        BatchSize = null,
        Waiting = 0,
        LastBatch = batch,
    };

    private static JsonElement Read(RunHistory history)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            history.Write(json);
        }

        using var document = JsonDocument.Parse(bytes.WrittenMemory);
        return document.RootElement.Clone();
    }
}
