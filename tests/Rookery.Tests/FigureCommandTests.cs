using Rookery.Client.Tests;

namespace Rookery.Command.Tests;

/// <summary>The commands that show figures of the broker, and the one that ends a topic.</summary>
public sealed class FigureCommandTests : IAsyncDisposable
{
    private const string Topics =
        """[{"topic":"b","seq":12345,"events":3,"bytes":812,"dropped":0,"expired":1,"subscriptions":2},{"topic":"a","seq":1,"events":1,"bytes":9,"dropped":0,"expired":0,"subscriptions":0}]""";

    private const string OfTopic =
        """{"topic":"a","seq":7000,"events":3,"subscriptions":[{"key":"client:my name","members":1,"waiting":2,"in_flight":1,"dead":4,"delivered":9,"redelivered":3}]}""";

    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Topics_are_columns_with_tabs_in_a_pipe_sorted_by_name()
    {
        var shell = await AnswerAsync(new Shell(), "topics", $"ok topics {Topics}", ExitCode.Ok, "topics");
        Assert.Equal(
            ["topic\tseq\tevents\tbytes\tdropped\texpired\tsubscriptions", "a\t1\t1\t9\t0\t0\t0", "b\t12345\t3\t812\t0\t1\t2"],
            shell.OutLines);
    }

    [Fact]
    public async Task Topics_are_a_table_with_grouped_numbers_on_a_terminal()
    {
        var shell = await AnswerAsync(new Shell { IsLive = true }, "topics", $"ok topics {Topics}", ExitCode.Ok, "topics");
        Assert.Contains(shell.OutLines, l => l.Contains("12,345", StringComparison.Ordinal) && l.StartsWith("b ", StringComparison.Ordinal));
        Assert.DoesNotContain("\t", shell.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", shell.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("topics", $"ok topics {Topics}", Topics, "topics")]
    [InlineData("stats a", $"ok stats {OfTopic}", OfTopic, "stats", "a")]
    public async Task With_json_the_answer_is_printed_as_it_is(string asked, string answer, string printed, params string[] args)
    {
        foreach (var live in new[] { false, true })
        {
            var shell = await AnswerAsync(new Shell { IsLive = live }, asked, answer, ExitCode.Ok, [.. args, "--json"]);
            Assert.Equal($"{printed}\n", shell.Out);
        }
    }

    [Fact]
    public async Task Stats_of_the_broker_are_names_and_values()
    {
        var shell = await AnswerAsync(new Shell(), "stats", """ok stats {"server":"rookery/1","durability":"fsync","published":10000}""", ExitCode.Ok, "stats");
        Assert.Equal("server\trookery/1\ndurability\tfsync\npublished\t10000\n", shell.Out);
    }

    [Fact]
    public async Task Stats_of_a_topic_end_in_its_subscriptions_and_what_is_not_told_is_a_dash()
    {
        var shell = await AnswerAsync(new Shell(), "stats a", $"ok stats {OfTopic}", ExitCode.Ok, "stats", "a");
        Assert.Equal(
            "topic\ta\nseq\t7000\nevents\t3\n\nkey\tmembers\twaiting\tin_flight\tdead\tdelivered\tredelivered\tacknowledged\nclient:my name\t1\t2\t1\t4\t9\t3\t-\n",
            shell.Out);
    }

    [Fact]
    public async Task What_the_broker_refuses_is_said_and_fails()
    {
        var shell = await AnswerAsync(new Shell(), "stats zz", "error: no topic zz", ExitCode.Failed, "stats", "zz");
        Assert.Equal(("", "rookery: no topic zz\n"), (shell.Out, shell.Error));
    }

    [Fact]
    public async Task An_interrupt_ends_the_wait_for_an_answer()
    {
        var shell = new Shell();
        var running = shell.RunAsync("topics", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        await peer.ExpectAsync("topics");
        shell.Interruption.Request();
        Assert.Equal(ExitCode.Interrupted, await running);
    }

    [Fact]
    public async Task Drop_says_how_many_events_went()
    {
        var shell = await AnswerAsync(new Shell(), "drop t", "ok drop 12", ExitCode.Ok, "drop", "t", "--yes");
        Assert.Equal("dropped topic t with 12 events\n", shell.Out);
        var json = await AnswerAsync(new Shell(), "drop t", "ok drop 12", ExitCode.Ok, "drop", "t", "--yes", "--json");
        Assert.Equal("{\"topic\":\"t\",\"events\":12}\n", json.Out);
    }

    [Theory]
    [InlineData("y\n", ExitCode.Ok)]
    [InlineData("no\n", ExitCode.Interrupted)]
    [InlineData("", ExitCode.Interrupted)]
    public async Task On_a_terminal_what_cannot_be_undone_is_asked(string answer, int code)
    {
        var shell = new Shell { CanAsk = true, Input = answer };
        var running = shell.RunAsync("drop", "t", "--port", $"{_broker.Port}");
        if (code == ExitCode.Ok)
        {
            var peer = await _broker.WelcomeAsync();
            await peer.ExpectAsync("drop t");
            await peer.SayAsync("ok drop 1");
        }

        Assert.Equal(code, await running);
        Assert.Equal("drop ends topic t with its events, dead letters and subscriptions, for everybody. Do it? [y/N] ", shell.Error);
        Assert.Equal(code == ExitCode.Ok ? "dropped topic t with 1 event\n" : "", shell.Out);
    }

    [Fact]
    public async Task Drop_is_not_said_again_after_a_lost_connection()
    {
        var shell = new Shell();
        var running = shell.RunAsync("drop", "t", "--yes", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        await peer.ExpectAsync("drop t");
        peer.Close();
        Assert.Equal(ExitCode.Failed, await running);
        Assert.Empty(shell.Out);
        Assert.Contains(". Topic t may have ended or not; look with: rookery stats t\n", shell.Error, StringComparison.Ordinal);
    }

    private async Task<Shell> AnswerAsync(Shell shell, string asked, string answer, int code, params string[] args)
    {
        var running = shell.RunAsync([.. args, "--port", $"{_broker.Port}"]);
        var peer = await _broker.WelcomeAsync();
        Assert.Equal(asked, await peer.NextAsync());
        await peer.SayAsync(answer);
        Assert.Equal(code, await running);
        return shell;
    }
}
