using System.Text.Json;

namespace Rookery.Command.Tests;

/// <summary>Settings from the command line, the environment and a file, and the command that tells all of them.</summary>
public sealed class SettingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_command_line_goes_before_the_environment_that_before_the_file_and_that_before_the_default()
    {
        var file = Write("""{"max-topics": 1, "max-connections": 1, "drain": "1s", "no-store": true, /* or not */ "seed": null, "panic": 0.5,}""");
        var shell = new Shell { Variables = new() { ["ROOKERY_MAX_TOPICS"] = "2", ["ROOKERY_MAX_CONNECTIONS"] = "2", ["ROOKERY_NO_HTTP"] = "1", ["ROOKERY_DATA"] = "" } };
        var rows = await TellAsync(shell, "--settings", file, "--max-topics", "3");
        Assert.Equal(("3", "command line"), rows["max-topics"]);
        Assert.Equal(("2", "ROOKERY_MAX_CONNECTIONS"), rows["max-connections"]);
        Assert.Equal(("true", "ROOKERY_NO_HTTP"), rows["no-http"]);
        Assert.Equal(("1s", file), rows["drain"]);
        Assert.Equal(("true", file), rows["no-store"]);
        Assert.Equal(("0.5", file), rows["panic"]);
        Assert.Equal(("", "default"), rows["seed"]);
        Assert.Equal(("data/", "default"), rows["data"]);
        Assert.Equal(("30s", "default"), rows["send-timeout"]);
        Assert.Equal(("64MiB", "default"), rows["retain-bytes"]);
        Assert.Equal("rookery: warning: --http-port has no effect with --no-http (from ROOKERY_HTTP_PORT)\n", shell.Error);
    }

    [Fact]
    public async Task The_file_may_be_named_in_the_environment_and_a_flag_may_be_taken_back()
    {
        var shell = new Shell { Variables = new() { ["ROOKERY_SETTINGS"] = Write("""{"no-tweets": true, "data": "d"}""") } };
        var rows = await TellAsync(shell, "--no-tweets=false");
        Assert.Equal(("false", "command line"), rows["no-tweets"]);
        Assert.Equal("d", rows["data"].Value);
    }

    [Fact]
    public async Task A_run_takes_them_from_there()
    {
        var file = Write($$"""{"no-tweets": true, "broker-port": 0, "data": "{{_folder}}/data", "max-topics": 1, "duration": "1ms"}""");
        var shell = new Shell();
        Assert.Equal(ExitCode.Ok, await shell.RunAsync("--settings", file));
        Assert.Contains($"data in {_folder}/data", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_tokens_are_is_told_and_the_tokens_are_not()
    {
        const string Secret = """{"tokens":[{"owner":"a","token":"the token of a and of no other","publish":["*"]}]}""";
        var file = Write("""{"tokens": "there.json"}""");
        Assert.Equal(("there.json", file), (await TellAsync(new Shell(), "--settings", file))["tokens"]);
        var named = new Shell { Variables = new() { ["ROOKERY_TOKENS_FILE"] = "here.json" } };
        Assert.Equal(("here.json", "ROOKERY_TOKENS_FILE"), (await TellAsync(named, "--settings", file))["tokens"]);
        var plain = new Shell { Variables = new() { ["ROOKERY_TOKENS"] = Secret } };
        Assert.Equal(("(in the variable)", "ROOKERY_TOKENS"), (await TellAsync(plain, "--settings", file))["tokens"]);
        Assert.DoesNotContain("the token of a", plain.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"max-topic": 1}""", "FILE: there is no setting 'max-topic' (did you mean max-topics?). All of them: rookery settings")]
    [InlineData("""{"wings": 1}""", "FILE: there is no setting 'wings'. All of them: rookery settings")]
    [InlineData("""{"settings": "other"}""", "FILE: there is no setting 'settings'. All of them: rookery settings")]
    [InlineData("""{"max-topics": 0}""", "--max-topics is '0'; it must be a whole number from 1 to 1000000 (from FILE)")]
    [InlineData("""{"no-tweets": "perhaps"}""", "--no-tweets is 'perhaps'; it must be true or false (from FILE)")]
    [InlineData("""{"unused-topic": "1ms"}""", "--unused-topic is '1ms'; it must be at least 1s (from FILE)")]
    [InlineData("""{"send-timeout": "1ms"}""", "--send-timeout is '1ms'; it must be 0 or at least 1s (from FILE)")]
    [InlineData("""{"data": {}}""", "FILE: 'data' is an object; it must be a text, a number, true or false")]
    [InlineData("""[]""", "FILE: the settings must be a JSON object, such as {\"max-topics\": 100}")]
    [InlineData("""{"data": "a", "data": "b"}""", "FILE: 'data' is there twice; each setting may be there once")]
    [InlineData("{\"data\": \"a\",\n\"max-topics\" 1}", "FILE, line 2: this is no JSON; the settings must be an object, such as {\"max-topics\": 100}")]
    [InlineData("", "FILE, line 1: this is no JSON; the settings must be an object, such as {\"max-topics\": 100}")]
    public async Task What_is_wrong_in_a_file_is_named_before_anything_is_touched(string text, string said)
    {
        var file = Write(text);
        foreach (var command in new[] { "run", "settings" })
        {
            var shell = new Shell();
            Assert.Equal(ExitCode.Usage, await shell.RunAsync(command, "--settings", file));
            Assert.StartsWith($"rookery: {said.Replace("FILE", file, StringComparison.Ordinal)}", shell.Error, StringComparison.Ordinal);
            Assert.Empty(shell.Out);
        }
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Failed, await shell.RunAsync("run", "--settings", Path.Combine(_folder, "none")));
        Assert.Equal($"rookery: cannot read {_folder}/none: there is no such file. --settings, or ROOKERY_SETTINGS, names the file of settings\n", shell.Error);
    }

    [Fact]
    public async Task A_variable_that_is_nearly_a_setting_is_warned_of_and_others_are_let_be()
    {
        var shell = new Shell { Variables = new() { ["ROOKERY_MAX_TOPIC"] = "5", ["ROOKERY_SERVICE_HOST"] = "10.0.0.1", ["ROOKERY_TOKEN"] = "t", ["MAX_TOPIC"] = "5" } };
        Assert.Equal(ExitCode.Ok, await shell.RunAsync("settings"));
        Assert.Equal("rookery: warning: ROOKERY_MAX_TOPIC is no setting, and does nothing; did you mean ROOKERY_MAX_TOPICS?\n", shell.Error);
    }

    [Fact]
    public async Task Each_setting_describes_itself_and_its_default_is_within_its_bound()
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Ok, await shell.RunAsync("settings", "--json"));
        var rows = shell.OutLines.Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.True(rows.Count > 40);
        foreach (var row in rows)
        {
            Assert.All(new[] { "setting", "variable", "unit", "meaning" }, name => Assert.NotEqual("", row.GetProperty(name).GetString()));
            var (name, normal) = (row.GetProperty("setting").GetString(), row.GetProperty("default").GetString()!);
            if (normal.Length > 0)
            {
                var (code, error) = await RunAsync("settings", $"--{name}={normal}");
                Assert.True(code == ExitCode.Ok && (error.Length == 0 || error.StartsWith($"rookery: warning: --{name} has no effect ", StringComparison.Ordinal)), error);
            }
        }
    }

    [Fact]
    public async Task What_would_do_nothing_is_told_as_run_tells_it_and_in_json()
    {
        var file = Write("""{"no-tweets": true, "rate": 5}""");
        var shell = new Shell { Variables = new() { ["ROOKERY_ALLOW_OPEN"] = "true" } };
        Assert.Equal(ExitCode.Ok, await shell.RunAsync("settings", "--json", "--settings", file));
        const string Told = "rookery: warning: --rate has no effect with --no-tweets (from FILE)\n"
            + "rookery: warning: --allow-open has no effect where --host is of this machine alone (from ROOKERY_ALLOW_OPEN)\n";
        Assert.Equal(Told.Replace("FILE", file, StringComparison.Ordinal), shell.Error);
        var rows = shell.OutLines.Select(l => JsonDocument.Parse(l).RootElement).ToDictionary(r => r.GetProperty("setting").GetString()!, r => r.GetProperty("without_effect").GetString());
        Assert.Equal(("with --no-tweets", null, null), (rows["rate"], rows["data"], rows["seed"]));
    }

    [Fact]
    public async Task Tokens_in_a_variable_are_tokens_to_a_setting_that_does_nothing_beside_them()
    {
        var shell = new Shell { Variables = new() { ["ROOKERY_TOKENS"] = "{}" } };
        Assert.Equal(ExitCode.Ok, await shell.RunAsync("settings", "--json", "--allow-open", "--host", "*"));
        Assert.Equal("rookery: warning: --allow-open has no effect with --tokens\n", shell.Error);
    }

    [Fact]
    public async Task The_table_for_documents_has_a_row_for_each()
    {
        var shell = new Shell { Variables = new() { ["ROOKERY_MAX_TOPICS"] = "2" } };
        Assert.Equal(ExitCode.Ok, await shell.RunAsync("settings", "--markdown"));
        Assert.Equal("| setting | in the environment | default | unit | bound | meaning |", shell.OutLines[0]);
        Assert.Contains("| `--max-topics` | `ROOKERY_MAX_TOPICS` | `10000` | topics | 1..1000000 | Most topics; a new one above is refused |", shell.OutLines);
        Assert.Contains(shell.OutLines, l => l.StartsWith("| `--tokens` | `ROOKERY_TOKENS_FILE` | ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("10m", "10m")]
    [InlineData("90s", "90s")]
    [InlineData("24h", "1d")]
    [InlineData("0.5ms", "0.5ms")]
    [InlineData("0s", "0")]
    public void Durations_are_shown_as_they_are_written(string text, string shown) => Assert.Equal(shown, Durations.Text(Durations.Parse(text)));

    [Theory]
    [InlineData(0, "0", "0 B")]
    [InlineData(1000, "1000B", "1000 B")]
    [InlineData(1536, "1536B", "1.5 KiB")]
    [InlineData(64 << 20, "64MiB", "64.0 MiB")]
    public void Sizes_are_shown_as_they_are_written(long size, string shown, string rounded) =>
        Assert.Equal((shown, rounded), (Sizes.Text(size), Sizes.Rounded(size)));

    private static async Task<(int Code, string Error)> RunAsync(params string[] args)
    {
        var shell = new Shell();
        return (await shell.RunAsync(args), shell.Error);
    }

    private static async Task<Dictionary<string, (string Value, string From)>> TellAsync(Shell shell, params string[] args)
    {
        Assert.True(await shell.RunAsync(["settings", "--json", .. args]) == ExitCode.Ok, shell.Error);
        return shell.OutLines.Select(l => JsonDocument.Parse(l).RootElement)
            .ToDictionary(r => r.GetProperty("setting").GetString()!, r => (r.GetProperty("value").GetString()!, r.GetProperty("from").GetString()!));
    }

    private string Write(string text)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.json");
        File.WriteAllText(path, text);
        return path;
    }
}
