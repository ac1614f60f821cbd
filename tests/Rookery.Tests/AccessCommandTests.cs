using System.Security.Cryptography.X509Certificates;
using Rookery.Client;
using Rookery.Client.Tests;

namespace Rookery.Command.Tests;

/// <summary>Tokens, TLS and limits, from the words of an operator to what clients are told.</summary>
public sealed class AccessCommandTests : IDisposable
{
    private const string Tokens = """
        {"tokens":[{"owner":"a","token":"the token of a and of no other","publish":["news.*"],"subscribe":["news.*"]},
                   {"owner":"b","token":"the token of b and of no other","publish":["*"],"subscribe":["*"],"administer":["*"]}]}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Tokens_and_TLS_hold_from_the_command_line_of_the_server_to_that_of_the_client()
    {
        using var certificate = SelfSigned.For("broker.test");
        using var key = certificate.GetECDsaPrivateKey()!;
        var (cert, ca) = (Write("cert.pem", certificate.ExportCertificatePem()), Write("ca.pem", certificate.ExportCertificatePem()));
        await using var run = await RunAsync("--tokens", Write("tokens.json", Tokens), "--tls-cert", cert, "--tls-key", Write("key.pem", key.ExportPkcs8PrivateKeyPem()));

        Assert.Equal((ExitCode.Ok, ""), await run.AskAsync("the token of a and of no other", "pub", "news.x", "m", "--tls-ca", ca));
        Assert.Equal((ExitCode.Ok, ""), await run.AskAsync(null, "pub", "news.x", "m", "--tls-thumbprint", SelfSigned.Thumbprint(certificate), "--token", "the token of a and of no other"));
        Assert.Equal(
            (ExitCode.Failed, "rookery: not allowed to publish to topic other\n"),
            await run.AskAsync("the token of a and of no other", "pub", "other", "m", "--tls-ca", ca, "--tls-name", "broker.test"));
        Assert.Equal(
            (ExitCode.Failed, "rookery: a token is missing: hello {\"token\":\"...\"} comes first. Set the token in ROOKERY_TOKEN, or with --token\n"),
            await run.AskAsync(null, "pub", "news.x", "m", "--tls-ca", ca));
        Assert.Equal(
            (ExitCode.Failed, "rookery: the token is not known; closing. Set the token in ROOKERY_TOKEN, or with --token\n"),
            await run.AskAsync("a token that nobody has", "sub", "news.x", "--tls-ca", ca));
        var (code, said) = await run.AskAsync("the token of a and of no other", "pub", "news.x", "m", "--tls");
        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith("rookery: no TLS with 127.0.0.1:", said, StringComparison.Ordinal);
        Assert.Contains(" with TLS (try: openssl s_client ", run.Out, StringComparison.Ordinal);
        Assert.Contains("its token is not known (1 of 10 attempts in a minute)", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("token that nobody", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_live_view_makes_sure_of_the_page_as_other_clients_do_of_the_broker()
    {
        using var certificate = SelfSigned.For("broker.test");
        using var key = certificate.GetECDsaPrivateKey()!;
        var cert = Write("cert.pem", certificate.ExportCertificatePem());
        await using var run = await RunAsync("--tokens", Write("tokens.json", Tokens), "--tls-cert", cert, "--tls-key", Write("key.pem", key.ExportPkcs8PrivateKeyPem()));
        var url = run.Out.Split('\n').Single(l => l.StartsWith("page on ", StringComparison.Ordinal)).Split(' ')[2];
        Assert.StartsWith("https://", url, StringComparison.Ordinal);
        string[] top = ["top", "--json", "--url", url];
        Assert.Equal((ExitCode.Ok, ""), await Run.SayAsync("the token of b and of no other", [.. top, "--tls-ca", cert, "--tls-name", "broker.test"]));
        Assert.Equal((ExitCode.Ok, ""), await Run.SayAsync(null, [.. top, "--tls-thumbprint", SelfSigned.Thumbprint(certificate), "--token", "the token of b and of no other"]));
        foreach (var (token, args) in new (string, string[])[]
        {
            ("the token of a and of no other", ["--tls-ca", cert]),
            ("the token of b and of no other", ["--tls-thumbprint", new string('0', 64)]),
            ("the token of b and of no other", ["--tls-ca", cert, "--tls-name", "other.test"]),
            ("the token of b and of no other", ["--tls"]),
            ("the token of b and of no other", []),
        })
        {
            var (code, said) = await Run.SayAsync(token, [.. top, .. args]);
            Assert.Equal(ExitCode.Failed, code);
            Assert.StartsWith(token.Contains('a') && args is ["--tls-ca", _] ? $"rookery: {url}: not allowed" : $"rookery: no TLS with {url}: ", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_takes_its_settings_from_the_command_line_the_environment_and_the_file_of_a_run_in_this_order()
    {
        await using var run = await RunAsync(new Dictionary<string, string> { ["ROOKERY_TOKENS"] = Tokens });
        var good = Write("good.json", $$"""{"client-port": {{run.Port}}, "token": "the token of b and of no other", "max-topics": 5}""");
        var bad = Write("bad.json", """{"client-port": 1, "token": "a token that nobody has"}""");
        Assert.Equal((ExitCode.Ok, ""), await AskAsync(new() { ["ROOKERY_SETTINGS"] = good }));
        var variables = new Dictionary<string, string> { ["ROOKERY_SETTINGS"] = bad, ["ROOKERY_CLIENT_PORT"] = $"{run.Port}", ["ROOKERY_TOKEN"] = "the token of b and of no other" };
        Assert.Equal((ExitCode.Ok, ""), await AskAsync(variables));
        variables["ROOKERY_CLIENT_PORT"] = "none";
        Assert.Equal((ExitCode.Ok, ""), await AskAsync(variables, "--port", $"{run.Port}"));
        var (code, said) = await AskAsync(variables);
        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith("rookery: --port is 'none'; it must be a whole number from 1 to 65535 (from ROOKERY_CLIENT_PORT)\n", said, StringComparison.Ordinal);
        (_, said) = await AskAsync(new() { ["ROOKERY_SETTINGS"] = good, ["ROOKERY_CLIENT_POTR"] = "1" });
        Assert.Equal("rookery: warning: ROOKERY_CLIENT_POTR is no setting, and does nothing; did you mean ROOKERY_CLIENT_PORT?\n", said);

        // The one that a run listens at is nothing to a client, and the other way round.
        Assert.Equal(ExitCode.Ok, await new Shell().RunAsync("settings", "--settings", good));

        static async Task<(int Code, string Error)> AskAsync(Dictionary<string, string> variables, params string[] args)
        {
            var client = new Shell { Variables = variables };
            return (await client.RunAsync(["topics", .. args]), client.Error);
        }
    }

    [Fact]
    public async Task The_same_name_of_two_owners_is_two_clients()
    {
        await using var run = await RunAsync(new Dictionary<string, string> { ["ROOKERY_TOKENS"] = Tokens });
        await using var a = await run.ConnectAsync("the token of a and of no other");
        await using var b = await run.ConnectAsync("the token of b and of no other");
        var (ofA, ofB) = (await a.SubscribeAsync("news.x"), await b.SubscribeAsync("news.x"));
        await a.PublishAsync("news.x", "1", "1"u8.ToArray());
        foreach (var subscription in new[] { ofA, ofB })
        {
            await using var events = subscription.GetAsyncEnumerator();
            Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(Shell.Deadline));
            Assert.Equal("1", events.Current.Id);
        }

        using var stats = await b.StatsAsync("news.x");
        Assert.Equal(["client:a/me", "client:b/me"], stats.RootElement.GetProperty("subscriptions").EnumerateArray().Select(s => s.GetProperty("key").GetString()).Order());
        var error = await Assert.ThrowsAsync<RookeryException>(() => a.StatsAsync("news.x"));
        Assert.Equal("not allowed to administer topic news.x", error.Message);
    }

    [Fact]
    public async Task A_full_backlog_refuses_where_that_is_asked_for()
    {
        await using var run = await RunAsync(new Dictionary<string, string> { ["ROOKERY_MAX_BACKLOG"] = "2" }, "--overflow", "refuse");
        await using var client = await run.ConnectAsync(null);
        await client.SubscribeAsync("t", new SubscribeOptions { Window = 1 });
        await client.PublishAsync("t", "1", "1"u8.ToArray());
        await client.PublishAsync("t", "2", "1"u8.ToArray());
        var refused = await Assert.ThrowsAsync<RookeryException>(() => client.PublishAsync("t", "3", "1"u8.ToArray()).AsTask());
        Assert.Equal("the topic holds 2 events that wait; the limit is 2", refused.Message);
    }

    [Fact]
    public async Task An_idle_connection_is_closed_where_that_is_asked_for()
    {
        await using var run = await RunAsync("--idle-timeout", "400ms");
        using var idle = new System.Net.Sockets.TcpClient();
        await idle.ConnectAsync("127.0.0.1", run.Port);
        using var reader = new StreamReader(idle.GetStream());
        Assert.Equal("Successfully connected to message_broker", await reader.ReadLineAsync().WaitAsync(Shell.Deadline));
        Assert.Equal("error: idle for 0.4 s; closing", await reader.ReadLineAsync().WaitAsync(Shell.Deadline));
        Assert.Null(await reader.ReadLineAsync().WaitAsync(Shell.Deadline));
    }

    [Fact]
    public async Task One_connection_too_many_is_told()
    {
        await using var run = await RunAsync("--max-connections", "1");
        await using var first = await run.ConnectAsync(null);
        Assert.Equal((ExitCode.Failed, "rookery: too many connections: at most 1 are allowed\n"), await run.AskAsync(null, "pub", "t", "m"));
        await first.PublishAsync("t", "1", "1"u8.ToArray());
    }

    [Fact]
    public async Task Beyond_loopback_without_tokens_is_warned_of_when_it_is_meant()
    {
        await using var run = await RunAsync("--host", "*", "--allow-open");
        Assert.Contains("rookery: warning: everybody who can reach 0.0.0.0 may publish, read and delete: there are no tokens, and --allow-open was said\n", run.Error, StringComparison.Ordinal);
        Assert.Contains("rookery: warning: whoever is on the way to 0.0.0.0 can read and change everything: there is no --tls-cert\n", run.Error, StringComparison.Ordinal);
        await using var local = await RunAsync();
        Assert.Empty(local.Error);
    }

    [Theory]
    [InlineData("--host is '0.0.0.0': everybody who can reach it could publish, read and delete. Set --tokens FILE, or say --allow-open if that is meant", "--host", "*")]
    [InlineData("--host is '0.0.0.0': everybody who can reach it could publish, read and delete. Set --tokens FILE, or say --allow-open if that is meant (from ROOKERY_HOST)", "ROOKERY_HOST=*")]
    [InlineData("--tls-key needs --tls-cert", "--tls-key", "k.pem")]
    [InlineData("ROOKERY_TOKENS and ROOKERY_TOKENS_FILE are both set; only one of them can be meant", "ROOKERY_TOKENS={}", "ROOKERY_TOKENS_FILE=f")]
    [InlineData("--max-connections is '0'; it must be a whole number from 1 to 900000", "--max-connections", "0")]
    [InlineData("--max-connections is 'many'; it must be a whole number from 1 to 900000 (from ROOKERY_MAX_CONNECTIONS)", "ROOKERY_MAX_CONNECTIONS=many")]
    [InlineData("--max-backlog is '0'; it must be a whole number from 1", "--max-backlog", "0")]
    [InlineData("--max-backlog-bytes is '5GB'; it must be a number of bytes, or one with its unit, such as 512KiB, 64MiB or 16GiB", "--max-backlog-bytes", "5GB")]
    [InlineData("--max-backlog-bytes is '5'; it must be at least 1024 bytes", "--max-backlog-bytes", "5")]
    [InlineData("--retain-age is '4000d'; it must be a number with its unit, such as 50ms, 2s, 5m or 1h, at most 3650d", "--retain-age", "4000d")]
    [InlineData("--overflow is 'explode'; it must be drop-oldest or refuse", "--overflow", "explode")]
    public async Task What_cannot_be_meant_is_refused_before_anything_is_touched(string said, params string[] args)
    {
        var set = args.Where(a => a.StartsWith("ROOKERY_", StringComparison.Ordinal)).ToList();
        var shell = new Shell { Variables = set.ToDictionary(v => v.Split('=')[0], v => v.Split('=')[1]) };
        Assert.Equal(ExitCode.Usage, await shell.RunAsync(["run", "--data", Path.Combine(_folder, "untouched"), .. args.Except(set)]));
        Assert.StartsWith($"rookery: {said}", shell.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "untouched")));
    }

    [Fact]
    public async Task Files_that_cannot_be_used_are_named()
    {
        foreach (var (args, said) in new (string[], string)[]
        {
            (["--tokens", Path.Combine(_folder, "none")], $"--tokens: cannot read {_folder}/none: there is no such file"),
            (["--tokens", Write("list.json", "[]")], $"--tokens: {_folder}/list.json: the list must be an object"),
            (["--tls-cert", Write("c.pem", "nothing")], $"--tls-cert: {_folder}/c.pem is no certificate with its private key: "),
        })
        {
            var shell = new Shell();
            Assert.Equal(ExitCode.Failed, await shell.RunAsync(["run", "--no-tweets", "--broker-port", "0", "--data", Path.Combine(_folder, "data"), .. args]));
            Assert.StartsWith($"rookery: {said}", shell.Error, StringComparison.Ordinal);
        }

        var variable = new Shell { Variables = new() { ["ROOKERY_TOKENS_FILE"] = Write("list.json", "[]") } };
        Assert.Equal(ExitCode.Failed, await variable.RunAsync("run", "--no-tweets", "--broker-port", "0", "--data", Path.Combine(_folder, "data")));
        Assert.Equal($"rookery: ROOKERY_TOKENS_FILE: {_folder}/list.json: the list must be an object\n", variable.Error);
        var wrong = new Shell { Variables = new() { ["ROOKERY_TOKENS"] = "{}" } };
        Assert.Equal(ExitCode.Failed, await wrong.RunAsync("run", "--no-tweets", "--broker-port", "0", "--data", Path.Combine(_folder, "data")));
        Assert.Equal("rookery: ROOKERY_TOKENS: the list has neither tokens nor anonymous: nobody could do anything\n", wrong.Error);
        var client = new Shell();
        Assert.Equal(ExitCode.Failed, await client.RunAsync("sub", "t", "--tls-ca", Write("empty.pem", "")));
        Assert.Equal($"rookery: --tls-ca: there is no certificate in {_folder}/empty.pem\n", client.Error);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1000", 1000)]
    [InlineData("5b", 5)]
    [InlineData("3KiB", 3 << 10)]
    [InlineData("64mib", 64 << 20)]
    [InlineData("16GiB", 16L << 30)]
    [InlineData("2TiB", 2L << 40)]
    public void Sizes_have_units(string text, long bytes) => Assert.Equal(bytes, Sizes.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("1.5GiB")]
    [InlineData("9999999999TiB")]
    public void What_is_no_size_is_refused(string text) => Assert.Throws<FormatException>(() => Sizes.Parse(text));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    private Task<Run> RunAsync(params string[] args) => RunAsync(new Dictionary<string, string>(), args);

    private async Task<Run> RunAsync(Dictionary<string, string> variables, params string[] args)
    {
        var shell = new Shell { Variables = variables };
        var data = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        var running = shell.RunAsync(["run", "--no-tweets", "--data", data, "--broker-port", "0", .. args]);
        var listening = shell.OutputAsync("data in ");
        Assert.True(await Task.WhenAny(running, listening) == listening, shell.Error);
        var line = await shell.OutputAsync("broker on ");
        return new Run(shell, running, int.Parse(line.Split(' ')[2].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>A <c>rookery run</c> inside the test.</summary>
    private sealed class Run(Shell shell, Task<int> running, int port) : IAsyncDisposable
    {
        public int Port => port;

        public string Out => shell.Out;

        public string Error => shell.Error;

        /// <summary>Runs a client command; its exit code and what it said of errors.</summary>
        public async Task<(int Code, string Error)> AskAsync(string? token, params string[] args)
        {
            var client = new Shell { Variables = token is null ? [] : new() { ["ROOKERY_TOKEN"] = token } };
            return (await client.RunAsync([.. args, "--port", $"{port}"]), client.Error);
        }

        /// <summary>Runs a command that is told where to go.</summary>
        public static async Task<(int Code, string Error)> SayAsync(string? token, params string[] args)
        {
            var client = new Shell { Variables = token is null ? [] : new() { ["ROOKERY_TOKEN"] = token } };
            return (await client.RunAsync(args), client.Error);
        }

        public Task<RookeryClient> ConnectAsync(string? token) =>
            RookeryClient.ConnectAsync(new RookeryClientOptions { Port = port, Token = token, Name = "me", AckDelay = TimeSpan.Zero }).WaitAsync(Shell.Deadline);

        public async ValueTask DisposeAsync()
        {
            shell.Interruption.Request();
            await running;
        }
    }
}
