using System.CommandLine;
using Rookery.Feed;

namespace Rookery.Command.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("there is no command 'fly'; there are run, feed, sub, pub, topics, stats, top, dead, replay, discard, drop, health, bench, original, settings", "fly")]
    [InlineData("sub has no option '--wings'", "sub", "t", "--wings")]
    [InlineData("run has no option '--port' (did you mean --broker-port, --viewer-port, --feed-port or --http-port?)", "run", "--port", "5")]
    [InlineData("run has no option '--port=5' (did you mean --broker-port, --viewer-port, --feed-port or --http-port?)", "--port=5")]
    [InlineData("run has no option '--verbos' (did you mean --verbose?)", "--verbos")]
    [InlineData("run has no option '--max-topicz=100000000' (did you mean --max-topics?)", "--max-topicz=100000000")]
    [InlineData("topics has no option '--jsno' (did you mean --json?)", "topics", "--jsno")]
    [InlineData("run has no option '---'", "run", "---")]
    [InlineData("sub has no option '--client-port' (did you mean --port?)", "sub", "t", "--client-port", "5")]
    [InlineData("'--port' is too much for pub", "pub", "t", "--", "m", "--port", "1")]
    [InlineData("pub has no option '--txt' (did you mean --text?)", "pub", "t", "--txt")]
    [InlineData("pub has no option '--prio' (did you mean --priority?)", "pub", "t", "--prio", "5")]
    [InlineData("dead has no option '--sub'", "dead", "t", "--sub", "client:a")]
    [InlineData("replay has no option '--al' (did you mean --all?)", "replay", "t", "client:a", "--al")]
    [InlineData("top has no option '--port'", "top", "--port", "5")]
    [InlineData("original has no option '--jsn'", "original", "--jsn")]
    [InlineData("there is no command 'topic' (did you mean topics?); there are run, feed, sub, pub, topics, stats, top, dead, replay, discard, drop, health, bench, original, settings", "topic")]
    [InlineData("feed has no option '--ports' (did you mean --port?)", "feed", "--ports", "2")]
    [InlineData("feed has no option '--wings'", "feed", "--wings", "2")]
    [InlineData("topic is 'a b'; it must be 1 to 200 of A-Z a-z 0-9 . _ - : and neither \".\" nor \"..\"", "sub", "a b")]
    [InlineData("topic is '..'; it must be 1 to 200 of A-Z a-z 0-9 . _ - : and neither \".\" nor \"..\"", "pub", "..", "x")]
    [InlineData("'b' is too much for feed", "feed", "b")]
    [InlineData("--port is '70000'; it must be a whole number from 0 to 65535", "feed", "--port", "70000")]
    [InlineData("--port is 'x'; it must be a whole number from 1 to 65535", "sub", "t", "--port", "x")]
    [InlineData("--window is '0'; it must be a whole number from 1 to 65536", "sub", "t", "--window", "0")]
    [InlineData("--count is '-1'; it must be a whole number from 1 to 2147483647", "sub", "t", "--count", "-1")]
    [InlineData("--delay is '50'; it must be a number with its unit, such as 50ms, 2s, 5m or 1h, at most 24d", "sub", "t", "--delay", "50")]
    [InlineData("--from is 'never'; it must be new, start, a sequence number from 1, or a time such as 2026-01-31T12:00:00Z", "sub", "t", "--from", "never")]
    [InlineData("--priority is '128'; it must be a whole number from -128 to 127", "pub", "t", "m", "--priority", "128")]
    [InlineData("--panic is '2'; it must be a number from 0 to 1", "feed", "--panic", "2")]
    [InlineData("--rate is '0'; it must be bursts, unlimited, or tweets per second per stream (above 0, at most 100000)", "feed", "--rate", "0")]
    [InlineData("pub needs either a message or --stdin", "pub", "t")]
    [InlineData("pub needs either a message or --stdin", "pub", "t", "m", "--stdin")]
    [InlineData("drop ends topic t with its events, dead letters and subscriptions, for everybody. Say --yes if that is meant", "drop", "t")]
    [InlineData("replay needs either numbers of events, as dead shows them, or --all", "replay", "t", "client:a")]
    [InlineData("discard needs either numbers of events, as dead shows them, or --all", "discard", "t", "client:a", "1", "--all")]
    [InlineData("discard drops all dead letters of client:a in topic t for good. Say --yes if that is meant", "discard", "t", "client:a", "--all")]
    [InlineData("discard drops 2 dead letters of client:a in topic t for good. Say --yes if that is meant", "discard", "t", "client:a", "#1", "2")]
    [InlineData("seq is 'x'; it must be a whole number from 1 to 9223372036854775807", "replay", "t", "client:a", "x")]
    [InlineData("stats has no option '--jsonn' (did you mean --json?)", "stats", "--jsonn")]
    [InlineData("'t' is too much for topics", "topics", "t")]
    [InlineData("id is 'x'; it must be a whole number from 1 to 9223372036854775807", "original", "x")]
    [InlineData("Host is 'nowhere'; it must be an IP address, localhost or *", "feed", "--host", "nowhere")]
    public async Task Wrong_usage_is_one_clear_line_and_exit_code_2(string said, params string[] args)
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Usage, await shell.RunAsync(args));
        Assert.StartsWith($"rookery: {said}\n", shell.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", shell.Error, StringComparison.Ordinal);
        Assert.Empty(shell.Out);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run", "--help")]
    [InlineData("feed", "--help")]
    [InlineData("sub", "--help")]
    [InlineData("pub", "--help")]
    [InlineData("topics", "--help")]
    [InlineData("stats", "--help")]
    [InlineData("drop", "--help")]
    [InlineData("dead", "--help")]
    [InlineData("top", "--help")]
    [InlineData("bench", "--help")]
    [InlineData("replay", "--help")]
    [InlineData("discard", "--help")]
    [InlineData("original", "--help")]
    [InlineData("settings", "--help")]
    public async Task Help_is_on_the_output_and_exit_code_0(params string[] args)
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Ok, await shell.RunAsync(args));
        Assert.Contains("Usage:", shell.Out, StringComparison.Ordinal);
        Assert.Empty(shell.Error);
    }

    [Fact]
    public async Task An_answer_that_could_not_be_written_is_a_failure_and_one_that_nobody_wanted_to_the_end_is_none()
    {
        var shell = new Shell();
        var full = shell.Surroundings with { Out = new BrokenWriter(new IOException("No space left on device")) };
        Assert.Equal(ExitCode.Failed, await CommandLine.RunAsync(["settings"], full));
        Assert.Equal("rookery: cannot write to the standard output: No space left on device\n", shell.Error);
        var closed = shell.Surroundings with { Out = new BrokenWriter(new UnauthorizedAccessException("Access to the path is denied.")) };
        Assert.Equal(ExitCode.Failed, await CommandLine.RunAsync(["settings"], closed));
        var enough = shell.Surroundings with { Out = new BrokenWriter(new IOException("Broken pipe", 32)) };
        Assert.Equal(ExitCode.Ok, await CommandLine.RunAsync(["settings"], enough));
    }

    [Theory]
    [InlineData("run", "--no-tweets --viewer-port 5 --rate 7", "--viewer-port has no effect with --no-tweets;--rate has no effect with --no-tweets")]
    [InlineData("run", "--source http://127.0.0.1:1 --feed-port 5 --streams 3", "--feed-port has no effect with --source")]
    [InlineData("run", "--no-http --http-port 5", "--http-port has no effect with --no-http")]
    [InlineData("run", "--work-mean 5ms", "--work-mean has no effect with --work none")]
    [InlineData("run", "--work poisson --work-max 5ms --work-mean 5ms", "--work-max has no effect with --work poisson")]
    [InlineData("run", "--no-tweets --broker-port 0", "")]
    [InlineData("run", "--allow-open", "--allow-open has no effect where --host is of this machine alone")]
    [InlineData("run", "--allow-open --host *", "")]
    [InlineData("run", "--allow-open --host * --tokens FILE", "--allow-open has no effect with --tokens")]
    [InlineData("run", "--ignore-panic --panic 0.5", "--panic has no effect with --ignore-panic")]
    [InlineData("run", "--retain-events 0 --retain-age 1h --retain-bytes 5KiB", "--retain-bytes has no effect with --retain-events 0;--retain-age has no effect with --retain-events 0")]
    [InlineData("settings", "--no-store --no-tweets --work none", "--no-store has no effect with --no-tweets;--work has no effect with --no-tweets")]
    [InlineData("bench", "--durability memory", "--durability has no effect without --start: the broker that runs has its own")]
    [InlineData("bench", "--start --durability memory --port 9000", "--port has no effect with --start")]
    [InlineData("feed", "--rate 5 --panic 0.5", "")]
    public void Settings_without_effect_together_are_told(string command, string said, string told)
    {
        var around = new Shell().Surroundings;
        var parsed = CommandLine.Root(around).Parse([command, .. said.Split(' ')]);
        Assert.Empty(parsed.Errors);
        Assert.Equal(told, string.Join(';', WithoutEffect.In(parsed, new SettingSources(around))));
    }

    [Fact]
    public async Task A_setting_without_effect_is_told_with_the_place_it_came_from()
    {
        var data = Directory.CreateTempSubdirectory("rookery-");
        var shell = new Shell { Variables = { ["ROOKERY_VIEWER_PORT"] = "5" } };
        Assert.Equal(ExitCode.Ok, await shell.RunAsync("run", "--no-tweets", "--broker-port", "0", "--duration", "0s", "--data", data.FullName));
        Assert.Equal("rookery: warning: --viewer-port has no effect with --no-tweets (from ROOKERY_VIEWER_PORT)\n", shell.Error);
        data.Delete(recursive: true);
    }

    [Fact]
    public void What_begins_like_an_option_is_a_message_behind_two_dashes()
    {
        Assert.Equal("--txt", PubCommand.Read(Parse("pub", "t", "--", "--txt")).Message);
        Assert.Equal("--txt", PubCommand.Read(Parse("pub", "--text", "t", "--", "--txt")).Message);
    }

    [Fact]
    public async Task Help_tells_the_exit_codes()
    {
        var shell = new Shell();
        await shell.RunAsync("--help");
        Assert.Contains("Exit codes: 0 done (also where", shell.Out, StringComparison.Ordinal);
        Assert.Contains("130 interrupted", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shells_are_offered_commands_and_values()
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Ok, await shell.RunAsync("[suggest:10]", "rookery fe"));
        Assert.Equal(["feed"], shell.OutLines);
        var values = new Shell();
        await values.RunAsync("[suggest:20]", "rookery feed --rate ");
        Assert.Equal(["bursts", "unlimited"], values.OutLines);
    }

    [Fact]
    public void No_command_means_run_and_so_do_options_without_one()
    {
        Assert.Equal(["run"], CommandLine.WithCommand([]));
        Assert.Equal(["run", "--data", "x"], CommandLine.WithCommand(["--data", "x"]));
        Assert.Equal(["--help"], CommandLine.WithCommand(["--help"]));
        Assert.Equal(["--version"], CommandLine.WithCommand(["--version"]));
        Assert.Equal(["sub", "t"], CommandLine.WithCommand(["sub", "t"]));
        Assert.Equal(["[suggest]", "x"], CommandLine.WithCommand(["[suggest]", "x"]));
    }

    [Fact]
    public void Feed_has_the_defaults_of_the_original_server()
    {
        var options = FeedCommand.Options(Parse("feed"));
        Assert.Equal(("127.0.0.1", 4000, 2), (options.Host, options.Port, options.Streams));
        Assert.Equal(FeedRate.Bursts, options.Rate);
        Assert.Equal(0.01, options.PanicProbability);
        Assert.Null(options.TweetsPerConnection);
    }

    [Fact]
    public void Every_option_of_feed_reaches_the_server()
    {
        var options = FeedCommand.Options(Parse(
            "feed", "--port", "0", "--host", "*", "--streams", "3", "--rate", "250", "--seed", "7", "--panic", "0.5", "--tweets-per-connection", "9"));
        Assert.Equal(("*", 0, 3, 7, 9), (options.Host, options.Port, options.Streams, options.Seed, options.TweetsPerConnection));
        Assert.Equal(250, options.Rate.TweetsPerSecond);
        Assert.Equal(0.5, options.PanicProbability);
    }

    [Fact]
    public void Sub_asks_for_no_more_than_it_will_show()
    {
        Assert.Equal(256, SubCommand.Read(Parse("sub", "a", "b", "a")).Subscribe.Window);
        Assert.Equal(["a", "b"], SubCommand.Read(Parse("sub", "a", "b", "a")).Topics);
        Assert.Equal(10, SubCommand.Read(Parse("sub", "t", "--count", "10")).Subscribe.Window);
        var all = SubCommand.Read(Parse("sub", "t", "--delay", "50ms", "--group", "g", "--window", "5", "--from", "start", "--json", "--unsubscribe"));
        Assert.Equal((TimeSpan.FromMilliseconds(50), "g", 5, "start"), (all.Delay, all.Subscribe.Group, all.Subscribe.Window, all.Subscribe.From?.ToString()));
        Assert.True(all.Json && all.Unsubscribe);
        Assert.False(all.Subscribe.AutoAck);
    }

    [Theory]
    [InlineData("50ms", 50)]
    [InlineData("2s", 2_000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("0", 0)]
    public void Durations_have_units(string text, double milliseconds) => Assert.Equal(milliseconds, Durations.Parse(text).TotalMilliseconds);

    [Theory]
    [InlineData("")]
    [InlineData("ms")]
    [InlineData("-1s")]
    [InlineData("5")]
    [InlineData("99999d")]
    [InlineData("1e3s")]
    public void What_is_no_duration_is_refused(string text) => Assert.Throws<FormatException>(() => Durations.Parse(text));

    private static ParseResult Parse(params string[] args)
    {
        var parsed = CommandLine.Root(new Surroundings { In = TextReader.Null, Out = TextWriter.Null, Error = TextWriter.Null, Interruptions = () => new Interruption() }).Parse(args);
        Assert.Empty(parsed.Errors);
        return parsed;
    }

    /// <summary>Takes everything, and fails when it has to bring it anywhere.</summary>
    private sealed class BrokenWriter(Exception failure) : StringWriter
    {
        public override void Flush() => throw failure;
    }
}
