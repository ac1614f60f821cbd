using Spectre.Console;

namespace Rookery.Command.Tests;

public sealed class StatusTests
{
    private static readonly StatusFigures Before = new() { Published = 100, Delivered = 10, Connections = 0, Topics = 1, Tweets = Tweets(1000, 1300, 1250) };

    private static readonly StatusFigures Now = new() { Published = 2100, Delivered = 60, Connections = 3, Topics = 2, Tweets = Tweets(3000, 4300, 4050) };

    private static readonly Status Both = new(Now, Before, TimeSpan.FromSeconds(2), new TimeSpan(1, 2, 3));

    [Fact]
    public void A_line_has_rates_and_figures_of_the_moment() => Assert.Equal(
        "01:02:03 in=1000/s scored=1500/s stored=1400/s repeats=28/s published=1000/s delivered=25/s waiting=310 batch=1024 workers=sentiment:4,engagement:1,censor:2 crashes=12 connections=3 total=3000",
        PlainStatus.Line(Both));

    [Fact]
    public void Without_a_store_nothing_is_said_of_it() => Assert.Equal(
        "00:00:01 in=2/s scored=2/s published=0/s delivered=0/s waiting=310 workers=sentiment:4,engagement:1,censor:2 crashes=12 connections=0 total=2",
        PlainStatus.Line(new Status(Now with { Tweets = Tweets(2, 2, null), Published = 0, Delivered = 0, Connections = 0 }, Before with { Tweets = Tweets(0, 0, null), Published = 0, Delivered = 0 }, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))));

    [Fact]
    public void A_broker_alone_shows_what_it_carries() => Assert.Equal(
        "00:00:01 published=2000/s delivered=50/s connections=3 total=2100",
        PlainStatus.Line(new Status(Now with { Tweets = null }, Before with { Tweets = null }, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))));

    [Fact]
    public void What_was_rejected_and_a_store_that_takes_nothing_are_in_the_line()
    {
        var line = PlainStatus.Line(Both with { Now = Now with { Tweets = Now.Tweets! with { Rejected = 7, StoreState = "down" } } });
        Assert.Contains(" batch=1024 store=down workers=", line, StringComparison.Ordinal);
        Assert.Contains(" crashes=12 rejected=7 connections=", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_line_adds_up()
    {
        var all = new TweetFigures { In = 5000, Records = 6503, Scored = 6503, Stored = 6311, Repeats = 189, Rejected = 3, Workers = [], Crashes = 0, BatchSize = 1, Waiting = 0 };
        var last = new StatusFigures { Published = 9000, Delivered = 5, Connections = 0, Topics = 1, Tweets = all };
        Assert.Equal("stopped: read 5000 and 1503 inside them, scored 6503, stored 6311 + 189 repeats, rejected 3, published 9000, delivered 5", RunSession.Farewell(last, 0));
        Assert.Equal(
            "stopped: read 5000 and 1503 inside them, scored 6503, published 9000, delivered 5; 2 records were given up unstored",
            RunSession.Farewell(last with { Tweets = all with { Stored = null, Rejected = 0 } }, 2));
        Assert.EndsWith("; 1 record was given up unstored", RunSession.Farewell(last, 1), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_work_stands_at_the_end_of_the_line() => Assert.EndsWith(
        " total=3000 ! store: database is locked ! stream 1: no answer",
        PlainStatus.Line(Both with { Now = Now with { Troubles = ["store: database is\nlocked", "stream 1: no answer"] } }),
        StringComparison.Ordinal);

    [Fact]
    public void The_table_of_a_terminal_shows_the_same_and_the_last_words_of_the_log()
    {
        var log = new LogTail();
        for (var n = 1; n <= 6; n++)
        {
            log.Add($"line {n}");
        }

        var drawn = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(drawn) });
        console.Profile.Width = 120;
        console.Write(new LiveStatus(console, log).Draw(Both with { Now = Now with { Tweets = Now.Tweets! with { Rejected = 7, StoreState = "paused" }, Troubles = ["store: down [red]"] } }));
        var text = drawn.ToString();
        foreach (var part in (string[])["rookery 01:02:03", "1,000", "4,300", "sentiment 4  engagement 1  censor 2  crashes 12", "+ 81 repeats  batch 1,024  paused", "rejected 7", "connections 3", "#cats 40±2", "! store: down [red]", "line 6"])
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("line 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_request_to_stop_counts_when_it_is_not_an_echo_of_the_first()
    {
        var time = new SteppedTime();
        using var interruption = new Interruption(time);
        interruption.Request();
        Assert.True(interruption.Asked.IsCancellationRequested);
        time.Now += Interruption.SameRequest / 2;
        interruption.Request();
        Assert.False(interruption.Insisted.IsCancellationRequested);
        time.Now += Interruption.SameRequest;
        interruption.Request();
        Assert.True(interruption.Insisted.IsCancellationRequested);
    }

    private static TweetFigures Tweets(long read, long scored, long? stored) => new()
    {
        In = read,
        Records = scored,
        Scored = scored,
        Stored = stored,
        Repeats = stored / 50 ?? 0,
        Workers = [("sentiment", 4), ("engagement", 1), ("censor", 2)],
        Crashes = 12,
        BatchSize = stored is null ? null : 1024,
        Waiting = 310,
        Hashtags = [("cats", 40, 2)],
    };

    private sealed class SteppedTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
