using System.Text.Json;
using Rookery.Client.Tests;

namespace Rookery.Command.Tests;

/// <summary>The commands about dead letters, each against a broker that says what the protocol says.</summary>
public sealed class DeadCommandTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Dead_letters_are_rows_of_what_is_known_of_them()
    {
        var shell = new Shell();
        var (running, peer) = await StartAsync(shell, "dead", "t", "client:a", "--limit", "2");
        Assert.Equal("""dead t {"key":"client:a","limit":2}""", await peer.NextAsync());
        await peer.SayAsync(Letter(1, "\"line\\nbreak\""));
        await peer.SayAsync(Letter(2, "{\"a\":1}"));
        await peer.SayAsync("ok dead 3");
        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal(
            "client:a: 3 dead letters, the oldest 2 of them\n"
            + "seq\tid\ttries\tdied\tpublished\tbytes\tmessage\n"
            + "1\tid1\t5\t1700000001000\t1700000000000\t13\tline\\nbreak\n"
            + "2\tid2\t5\t1700000001000\t1700000000000\t7\t{\"a\":1}\n",
            shell.Out);
    }

    [Fact]
    public async Task A_message_that_is_no_Unicode_text_is_shown_among_the_others()
    {
        var shell = new Shell();
        var (running, peer) = await StartAsync(shell, "dead", "t", "client:a");
        await peer.NextAsync();
        await peer.SayAsync(Letter(1, "\"a \\ud800\""));
        await peer.SayAsync(Letter(2, "\"b\""));
        await peer.SayAsync("ok dead 2");
        Assert.Equal(ExitCode.Ok, await running);
        Assert.EndsWith("\t10\ta \ufffd\n2\tid2\t5\t1700000001000\t1700000000000\t3\tb\n", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_subscription_every_one_that_has_some_is_shown()
    {
        var shell = new Shell { IsLive = true };
        var (running, peer) = await StartAsync(shell, "dead", "t");
        await peer.ExpectAsync("stats t");
        await peer.SayAsync("""ok stats {"topic":"t","subscriptions":[{"key":"client:a","dead":0},{"key":"group:b","dead":1}]}""");
        Assert.Equal("""dead t {"key":"group:b","limit":100}""", await peer.NextAsync());
        await peer.SayAsync(Letter(7, "\"m\""));
        await peer.SayAsync("ok dead 1");
        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal("group:b: 1 dead letter", shell.OutLines[0]);
        Assert.Matches(@"^ *7  id7 +5  \d+d ago  \d+d ago +3  m", shell.OutLines[2]);
    }

    [Fact]
    public async Task Where_there_are_none_that_is_said()
    {
        var shell = new Shell();
        var (running, peer) = await StartAsync(shell, "dead", "t");
        await peer.ExpectAsync("stats t");
        await peer.SayAsync("""ok stats {"topic":"t","subscriptions":[]}""");
        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal("topic t has no dead letters\n", shell.Out);
    }

    [Fact]
    public async Task With_json_each_is_an_object_that_names_its_subscription()
    {
        var shell = new Shell();
        var (running, peer) = await StartAsync(shell, "dead", "t", "client:a", "--json");
        await peer.NextAsync();
        await peer.SayAsync(Letter(1, "\"m\""));
        await peer.SayAsync("ok dead 1");
        Assert.Equal(ExitCode.Ok, await running);
        using var json = JsonDocument.Parse(Assert.Single(shell.OutLines));
        Assert.Equal(("client:a", 1, "m"), (json.RootElement.GetProperty("subscription").GetString(), json.RootElement.GetProperty("seq").GetInt64(), json.RootElement.GetProperty("msg").GetString()));
    }

    [Theory]
    [InlineData("replay", "replayed", new[] { "--all" }, new[] { """{"key":"client:a"}""" }, 1)]
    [InlineData("discard", "discarded", new[] { "--all", "--yes" }, new[] { """{"key":"client:a"}""" }, 1)]
    [InlineData("replay", "replayed", new[] { "#3", "5" }, new[] { """{"key":"client:a","seq":3}""", """{"key":"client:a","seq":5}""" }, 2)]
    public async Task Some_or_all_are_replayed_or_discarded(string verb, string done, string[] args, string[] asked, int count)
    {
        foreach (var json in new[] { false, true })
        {
            var shell = new Shell();
            var (running, peer) = await StartAsync(shell, [verb, "t", "client:a", .. args, .. json ? new[] { "--json" } : []]);
            foreach (var command in asked)
            {
                Assert.Equal($"{verb} t {command}", await peer.NextAsync());
                await peer.SayAsync($"ok {verb} 1");
            }

            Assert.Equal(ExitCode.Ok, await running);
            Assert.Equal(
                json ? $$"""{"topic":"t","subscription":"client:a","{{done}}":{{count}}}""" + "\n" : $"{done} {(count == 1 ? "1 dead letter" : $"{count} dead letters")} of client:a in topic t\n",
                shell.Out);
        }
    }

    [Fact]
    public async Task What_is_refused_after_some_is_told_with_what_was_done()
    {
        var shell = new Shell();
        var (running, peer) = await StartAsync(shell, "replay", "t", "client:a", "3", "4");
        await peer.NextAsync();
        await peer.SayAsync("ok replay 1");
        await peer.NextAsync();
        await peer.SayAsync("no_event_error: #4");
        Assert.Equal(ExitCode.Failed, await running);
        Assert.Equal("rookery: client:a has no dead letter #4 in topic t; look at them with: rookery dead t client:a. Before that, 1 dead letter replayed\n", shell.Error);
    }

    [Fact]
    public async Task A_lost_connection_leaves_no_doubt_about_what_is_certain()
    {
        var shell = new Shell();
        var (running, peer) = await StartAsync(shell, "discard", "t", "client:a", "--all", "--yes");
        await peer.NextAsync();
        peer.Close();
        Assert.Equal(ExitCode.Failed, await running);
        Assert.Contains(". no dead letters certainly discarded; look at the others with: rookery dead t client:a\n", shell.Error, StringComparison.Ordinal);
    }

    private static string Letter(long seq, string message) =>
        $$"""{"topic":"t","priority":0,"msg":{{message}},"id":"id{{seq}}","seq":{{seq}},"ts":1700000000000,"tries":5,"died":1700000001000}""";

    private async Task<(Task<int> Running, Peer Peer)> StartAsync(Shell shell, params string[] args)
    {
        var running = shell.RunAsync([.. args, "--port", $"{_broker.Port}"]);
        return (running, await _broker.WelcomeAsync());
    }
}
