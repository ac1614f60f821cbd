using Spectre.Console.Rendering;

namespace Rookery.Command.Tests;

/// <summary>The live view: what it draws at any size, and what it says where there is nothing to draw.</summary>
public sealed class TopTests
{
    [Theory]
    [InlineData(40, 24)]
    [InlineData(80, 24)]
    [InlineData(200, 60)]
    [InlineData(40, 6)]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(10, 40)]
    [InlineData(11, 40)]
    [InlineData(12, 40)]
    [InlineData(25, 40)]
    public void A_picture_never_leaves_its_screen(int width, int height)
    {
        var lines = View(topics: 50).Draw(width, height);
        Assert.True(lines.Count <= height);
        Assert.All(lines, l => Assert.True(new Segment(l.ToString()).CellCount() <= width));
        Assert.All(lines, l => Assert.DoesNotContain('\u001b', l.ToString()));
    }

    [Fact]
    public void It_shows_rates_pools_store_hashtags_and_topics()
    {
        var text = Text(View(), 100, 40);
        Assert.StartsWith("rookery/9  up 01:02:03  1 connection  3 topics  fsync", text, StringComparison.Ordinal);
        Assert.Matches("\nin +500/s +1,500  310 waiting", text);
        Assert.Matches("\nstored +0/s +900  batch 64 in 12.5 ms, paused", text);
        Assert.Matches(@"\nsentiment +4 workers +12 waiting +1 crash +\|\|\|\|\n", text);
        Assert.Contains("#日本 120  #b 80", text, StringComparison.Ordinal);
        Assert.Contains("! store: it is paused", text, StringComparison.Ordinal);
        Assert.Matches("\nTOPIC +PUB/s▼ +EVENTS +BACKLOG +FLIGHT +AGAIN +DEAD +SUBS\n", text);
        Assert.Matches("\nt0 +100 +7 +5 +1 +2 +3 +1\n", text);
    }

    [Fact]
    public void At_forty_columns_what_matters_most_is_left()
    {
        var text = Text(View(), 40, 40);
        Assert.Matches("\nTOPIC +PUB/s▼ +BACKLOG +FLIGHT\n", text);
        Assert.Contains("\nsentiment   4 up  12 waiting  1 crash\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, "rookery/9  up 01:02:03  1 connection", "q quit  sort by: n p b f r d")]
    [InlineData(46, "rookery/9  up 01:02:03  1 connection  3 topics", "q quit  sort by: n p b f r d")]
    [InlineData(53, "rookery/9  up 01:02:03  1 connection  3 topics  fsync", "q quit  sort by: n p b f r d")]
    [InlineData(80, "rookery/9  up 01:02:03  1 connection  3 topics  fsync", "q quit  sort by: n name, p pub, b backlog, f flight, r again, d dead")]
    [InlineData(83, "rookery/9  up 01:02:03  1 connection  3 topics  fsync", "q quit  sort by: n name, p published, b backlog, f in flight, r redelivered, d dead")]
    public void No_word_is_cut_at_any_width(int width, string first, string last)
    {
        var lines = View().Draw(width, 40);
        Assert.Equal((first, last), (lines[0].ToString(), lines[^1].ToString()));
        Assert.Contains(lines, l => l.ToString().StartsWith("sentiment", StringComparison.Ordinal) && l.ToString().Contains("1 crash", StringComparison.Ordinal));
    }

    [Fact]
    public void A_hashtag_that_has_no_room_is_left_out()
    {
        Assert.Contains(View().Draw(12, 40), l => l.ToString() == "#日本 120");
    }

    [Fact]
    public void Topics_are_sorted_by_what_is_asked_for_and_those_without_room_are_counted()
    {
        var view = View(topics: 5);
        Assert.Matches("(?s)\nt0 .*\nt1 .*\nt4 ", Text(view, 80, 40));
        view.Order = TopOrder.Backlog;
        Assert.Matches("(?s)BACKLOG▼.*\nt4 .*\nt3 .*\nt0 ", Text(view, 80, 40));
        view.Order = TopOrder.Name;
        Assert.Matches("(?s)TOPIC▼.*\nt0 .*\nt1 .*\nt4 ", Text(view, 80, 40));
        Assert.Matches("(?s)\nt0 .*\n… and 3 more topics\nq quit", Text(view, 80, 17));
    }

    [Fact]
    public void What_went_away_is_said_over_the_last_picture()
    {
        var view = View();
        view.Trouble = "no answer";
        Assert.Matches("(?s)^rookery/9 .*\n! no answer\n", Text(view, 80, 40));
        view.Add(Figures(2000, 1));
        Assert.DoesNotContain("no answer", Text(view, 80, 40), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(99_999, "99,999")]
    [InlineData(100_000, "100k")]
    [InlineData(1_234_567, "1.2M")]
    [InlineData(12_345_678_901, "12.3G")]
    public void Numbers_stay_short(double number, string shown) => Assert.Equal(shown, TopView.Short(number));

    [Fact]
    public async Task Without_a_terminal_it_prints_one_picture_of_a_run_and_ends()
    {
        var data = Directory.CreateTempSubdirectory("rookery-").FullName;
        await using (var run = RookeryProcess.Start("run", "--no-tweets", "--data", data, "--broker-port", "0"))
        {
            var url = (await run.LineAsync(l => l.StartsWith("page on ", StringComparison.Ordinal))).Split(' ')[2];
            var port = await run.PortAsync("broker on ");
            Assert.Equal(ExitCode.Ok, await new Shell().RunAsync("pub", "news", "m", "--port", $"{port}"));
            var shell = new Shell();
            Assert.Equal(ExitCode.Ok, await shell.RunAsync("top", "--url", url));
            Assert.Contains(shell.OutLines, l => l.StartsWith("news ", StringComparison.Ordinal));
            Assert.DoesNotContain('\u001b', shell.Out);
            var json = new Shell();
            Assert.Equal(ExitCode.Ok, await json.RunAsync("top", "--url", url, "--json"));
            using var document = System.Text.Json.JsonDocument.Parse(Assert.Single(json.OutLines));
            Assert.Equal(1, document.RootElement.GetProperty("status").GetProperty("broker").GetProperty("published").GetInt64());
            Assert.Equal("news", document.RootElement.GetProperty("topics")[0].GetProperty("topic").GetString());
            await run.SignalAsync("TERM");
            await run.SucceedAsync();
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task On_a_terminal_it_draws_on_a_screen_of_its_own_until_q()
    {
        var data = Directory.CreateTempSubdirectory("rookery-").FullName;
        await using (var run = RookeryProcess.Start("run", "--no-tweets", "--data", data, "--broker-port", "0"))
        {
            var url = (await run.LineAsync(l => l.StartsWith("page on ", StringComparison.Ordinal))).Split(' ')[2];
            var shell = new Shell { IsLive = true };
            var running = shell.RunAsync("top", "--url", url);
            await shell.OutputAsync("fsync");
            shell.Press('b');
            await shell.OutputAsync("BACKLOG▼");
            shell.Press('q');
            Assert.Equal(ExitCode.Ok, await running);
            Assert.StartsWith("\u001b[?1049h", shell.Out, StringComparison.Ordinal);
            Assert.EndsWith("\u001b[?1049l", shell.Out, StringComparison.Ordinal);
            await run.SignalAsync("TERM");
            await run.SucceedAsync();
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Where_nobody_answers_it_says_what_to_do()
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Failed, await shell.RunAsync("top", "--url", "http://127.0.0.1:1/"));
        Assert.StartsWith("rookery: no answer from http://127.0.0.1:1/: ", shell.Error, StringComparison.Ordinal);
        Assert.EndsWith("Start one with: rookery run; or say where it is with --url\n", shell.Error, StringComparison.Ordinal);
    }

    private static string Text(TopView view, int width, int height) => string.Join('\n', view.Draw(width, height));

    private static TopView View(int topics = 3)
    {
        var view = new TopView();
        view.Add(Figures(0, topics));
        view.Add(Figures(1000, topics));
        return view;
    }

    private static TopFigures Figures(long time, int topics)
    {
        var done = time == 0 ? 0 : 1;
        return new TopFigures(
            new TopStatus(
                time,
                3723,
                "rookery/9",
                ["store: it is paused"],
                new TopBroker(1000 + (done * 200), 10, 9, 0, 1, topics, "fsync"),
                new TopTweets(
                    1000 + (done * 500),
                    1300 + (done * 700),
                    900,
                    310,
                    1,
                    [new TopPool("sentiment", 4, 12, 1), new TopPool("censor", 1, 0, 0)],
                    new TopStore("paused", null, 64, 12.5, 100),
                    [new TopHashtag("日本", 120, 3), new TopHashtag("b", 80, 0)])),
            [.. Enumerable.Range(0, topics).Select(i => new TopTopic($"t{i}", 10 + (done * (100 - i)), 7, 800, [new TopSubscription(5 + i, 1, 3, 2)]))]);
    }
}
