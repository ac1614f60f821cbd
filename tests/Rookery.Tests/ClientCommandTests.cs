using Rookery.Client.Tests;

namespace Rookery.Command.Tests;

public sealed class ClientCommandTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Sub_prints_what_comes_acknowledges_it_and_stops_after_the_count()
    {
        var shell = new Shell();
        var running = shell.RunAsync("sub", "t", "--count", "3", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        Assert.Equal("""sub t {"window":3}""", await peer.NextAsync());
        await peer.SayAsync("successfully subscribed to topic t");
        await peer.PushAsync("t", 1, "\"one\\nline \\u001b[31m\"", priority: 3);
        await peer.PushAsync("t", 2, "{\"a\":1}");
        await peer.PushAsync("t", 3, "5", tries: 2);
        Assert.Equal([1, 2, 3], (await peer.AcksAsync("t", 3)).Order());
        Assert.Equal("unsub t", await peer.NextAsync());
        await peer.SayAsync("successfully unsubscribe from topic t");

        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal(3, shell.OutLines.Length);
        Assert.EndsWith(" t #1 p3 id=id1 one\\nline \\u001b[31m", shell.OutLines[0], StringComparison.Ordinal);
        Assert.EndsWith(" t #2 p0 id=id2 {\"a\":1}", shell.OutLines[1], StringComparison.Ordinal);
        Assert.EndsWith(" t #3 p0 id=id3 try=2 5", shell.OutLines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sub_prints_what_is_no_Unicode_text_and_goes_on()
    {
        var shell = new Shell();
        var running = shell.RunAsync("sub", "t", "--count", "2", "--as", "me", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        await peer.ExpectAsync("sub t ");
        await peer.SayAsync("successfully subscribed to topic t");
        await peer.PushAsync("t", 1, "\"a \\ud800\"");
        await peer.PushAsync("t", 2);
        await peer.AcksAsync("t", 2);
        Assert.Equal(ExitCode.Ok, await running);
        Assert.EndsWith(" t #1 p0 id=id1 a \ufffd", shell.OutLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sub_prints_the_brokers_own_lines_and_leaves_a_durable_subscription_in_place()
    {
        var shell = new Shell();
        var running = shell.RunAsync("sub", "t", "--count", "1", "--json", "--as", "me", "--from", "start", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        Assert.Contains("\"as\":\"me\"", peer.Hello, StringComparison.Ordinal);
        Assert.Equal("""sub t {"window":1,"from":"start"}""", await peer.NextAsync());
        await peer.SayAsync("successfully subscribed to topic t");
        await peer.PushAsync("t", 1);
        await peer.AcksAsync("t", 1);
        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal(["""{"topic":"t","priority":0,"msg":"m","id":"id1","seq":1,"ts":1700000000000,"tries":1}"""], shell.OutLines);
        await peer.ClosedAsync();
    }

    [Fact]
    public async Task Sub_waits_with_each_event_before_it_acknowledges()
    {
        var shell = new Shell();
        var running = shell.RunAsync("sub", "t", "--count", "2", "--delay", "20ms", "--window", "1", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        await peer.ExpectAsync("sub t ");
        await peer.SayAsync("successfully subscribed to topic t");
        await peer.PushAsync("t", 1);
        await shell.OutputAsync("#1");
        Assert.Equal("ack t #1", await peer.NextAsync());
        await peer.SayAsync("acknowledged 1");
        await peer.PushAsync("t", 2);
        Assert.Equal("ack t #2", await peer.NextAsync());
        await peer.SayAsync("acknowledged 1");
        await peer.ExpectAsync("unsub t");
        await peer.SayAsync("successfully unsubscribe from topic t");
        Assert.Equal(ExitCode.Ok, await running);
    }

    [Fact]
    public async Task Sub_reads_several_topics_says_when_it_reconnects_and_ends_when_asked()
    {
        var shell = new Shell();
        var running = shell.RunAsync("sub", "a", "b", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        foreach (var topic in (string[])["a", "b"])
        {
            await peer.ExpectAsync($"sub {topic} ");
            await peer.SayAsync($"successfully subscribed to topic {topic}");
        }

        await peer.PushAsync("b", 1);
        await shell.OutputAsync(" b #1 ");
        await peer.AcksAsync("b", 1);
        peer.Close();
        var next = await _broker.WelcomeAsync();
        Assert.Contains("reconnecting", await shell.ErrorAsync("reconnecting"), StringComparison.Ordinal);
        await shell.ErrorAsync("rookery: connected again");
        await next.ExpectAsync("sub a ");
        Assert.Equal("""sub b {"window":256,"from":2}""", await next.NextAsync());
        await next.SayAsync("successfully subscribed to topic a");
        await next.SayAsync("successfully subscribed to topic b");

        shell.Interruption.Request();
        await next.ExpectAsync("unsub a");
        await next.SayAsync("successfully unsubscribe from topic a");
        await next.ExpectAsync("unsub b");
        await next.SayAsync("successfully unsubscribe from topic b");
        Assert.Equal(ExitCode.Ok, await running);
    }

    [Fact]
    public async Task Sub_interrupted_before_its_count_says_so_by_its_exit_code()
    {
        var shell = new Shell();
        var running = shell.RunAsync("sub", "t", "--count", "2", "--as", "me", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        await peer.ExpectAsync("sub t ");
        await peer.SayAsync("successfully subscribed to topic t");
        await peer.PushAsync("t", 1);
        await shell.OutputAsync("#1");
        await peer.AcksAsync("t", 1);
        shell.Interruption.Request();
        Assert.Equal(ExitCode.Interrupted, await running);
    }

    [Fact]
    public async Task Sub_taken_over_says_by_whom_and_fails()
    {
        var shell = new Shell();
        var running = shell.RunAsync("sub", "t", "--as", "me", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        await peer.ExpectAsync("sub t ");
        await peer.SayAsync("successfully subscribed to topic t");
        await peer.SayAsync("error: taken over by another connection");
        Assert.Equal(ExitCode.Failed, await running);
        Assert.Contains("another connection with the same name took over", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_broker_the_error_says_what_to_do()
    {
        _broker.StopListening();
        var shell = new Shell();
        Assert.Equal(ExitCode.Failed, await shell.RunAsync("sub", "t", "--port", "1"));
        Assert.Equal("rookery: cannot connect to 127.0.0.1:1: Connection refused. Is a broker running there? Start one with: rookery run\n", shell.Error);
        var verbose = new Shell();
        Assert.Equal(ExitCode.Failed, await verbose.RunAsync("pub", "t", "x", "--port", "1", "--verbose"));
        Assert.Contains("SocketException", verbose.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain text", "\"plain text\"")]
    [InlineData("{\"a\": 1}", "{\"a\": 1}")]
    [InlineData("12", "12")]
    [InlineData("1 2", "\"1 2\"")]
    [InlineData("", "\"\"")]
    [InlineData("é\"<", "\"é\\\"<\"")]
    public async Task Pub_sends_json_as_it_is_and_anything_else_as_text(string message, string sent)
    {
        var shell = new Shell();
        var running = shell.RunAsync("pub", "t", message, "--id", "i", "--priority", "2", "--ttl", "2s", "--verbose", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        Assert.Equal("pub t {\"id\":\"i\",\"priority\":2,\"ttl_ms\":2000,\"msg\":" + sent + "}", await peer.NextAsync());
        await peer.SayAsync("ok pub t 9 i");
        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal(["t 9 i"], shell.OutLines);
    }

    [Fact]
    public async Task Pub_prints_its_receipts_as_json_where_that_is_asked_for()
    {
        var shell = new Shell();
        var running = shell.RunAsync("pub", "t", "m", "--id", "a\"b", "--json", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        await peer.ExpectAsync("pub t ");
        await peer.SayAsync("ok pub t 9 a\"b");
        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal(["""{"topic":"t","seq":9,"id":"a\"b"}"""], shell.OutLines);
    }

    [Fact]
    public async Task Pub_publishes_every_line_in_order_and_fails_when_one_was_refused()
    {
        var shell = new Shell { Input = "one\n{\"two\":2}\n3\n" };
        var running = shell.RunAsync("pub", "t", "--stdin", "--text", "--id", "x", "--producer", "p", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        Assert.Contains("\"producer\":\"p\"", peer.Hello, StringComparison.Ordinal);
        Assert.StartsWith("""pub t {"id":"x-1","msg":"one","n":""", await peer.NextAsync(), StringComparison.Ordinal);
        Assert.StartsWith("""pub t {"id":"x-2","msg":"{\"two\":2}","n":""", await peer.NextAsync(), StringComparison.Ordinal);
        Assert.StartsWith("""pub t {"id":"x-3","msg":"3","n":""", await peer.NextAsync(), StringComparison.Ordinal);
        await peer.SayAsync("ok pub t 1 x-1");
        await peer.SayAsync("error: bad event: msg has 9 bytes; allowed are at most 5");
        await peer.SayAsync("ok pub t 2 x-3");
        Assert.Equal(ExitCode.Failed, await running);
        Assert.Equal("rookery: line 2: bad event: msg has 9 bytes; allowed are at most 5\n", shell.Error);
        Assert.Empty(shell.Out);
    }

    [Fact]
    public async Task Pub_stores_nothing_else_in_place_of_lines_that_are_not_UTF8()
    {
        using var input = new StreamReader(new MemoryStream([(byte)'a', (byte)'\n', 0xff, (byte)'\n', (byte)'b', (byte)'\n']), Surroundings.StrictUtf8);
        var shell = new Shell { Reader = input };
        var running = shell.RunAsync("pub", "t", "--stdin", "--port", $"{_broker.Port}");
        await _broker.WelcomeAsync();
        Assert.Equal(ExitCode.Failed, await running);
        Assert.Equal("rookery: the input is not UTF-8, in line 1 or soon after it; nothing from line 1 on was published\n", shell.Error);
    }

    [Fact]
    public async Task Pub_leaves_out_lines_that_the_broker_would_hang_up_for_and_goes_on()
    {
        _broker.HelloReply = """ok hello {"limits":{"line_bytes":100}}""";
        var shell = new Shell { Input = $"one\n{new string('x', 200)}\nthree\n" };
        var running = shell.RunAsync("pub", "t", "--stdin", "--id", "x", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        Assert.Equal("""pub t {"id":"x-1","msg":"one"}""", await peer.NextAsync());
        Assert.Equal("""pub t {"id":"x-3","msg":"three"}""", await peer.NextAsync());
        await peer.SayAsync("ok pub t 1 x-1");
        await peer.SayAsync("ok pub t 2 x-3");
        Assert.Equal(ExitCode.Failed, await running);
        Assert.Equal("rookery: line 2: event x-2 for t would make a line of 227 bytes; the broker reads at most 100\n", shell.Error);
    }

    [Theory]
    [InlineData("No space left on device", 0x1c, "rookery: No space left on device\n")]
    [InlineData("Broken pipe", 0x20, "rookery: whoever read the receipts is gone; lines that have none may not have been published\n")]
    public async Task Pub_ends_where_its_receipts_cannot_be_written(string message, int code, string error)
    {
        var shell = new Shell { Input = string.Concat(Enumerable.Repeat("1\n", 5_000)), BeforeOut = () => throw new IOException(message, code) };
        var running = shell.RunAsync("pub", "t", "--stdin", "--id", "x", "--json", "--port", $"{_broker.Port}");
        var peer = await _broker.WelcomeAsync();
        await peer.ExpectAsync("pub t ");
        await peer.SayAsync("ok pub t 1 x-1");
        Assert.Equal(ExitCode.Failed, await running);
        Assert.Equal(error, shell.Error);
    }

    [Theory]
    [InlineData("sub", "t")]
    [InlineData("pub", "t", "message")]
    [InlineData("stats")]
    [InlineData("drop", "t", "--yes")]
    [InlineData("bench")]
    public async Task Interrupted_while_it_connects_a_command_says_so_by_its_exit_code_alone(params string[] args)
    {
        var shell = new Shell();
        var running = shell.RunAsync([.. args, "--port", $"{_broker.Port}"]);
        var peer = await _broker.AcceptAsync();
        shell.Interruption.Request();
        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Equal("", shell.Out + shell.Error);
        peer.Close();
    }

    [Fact]
    public async Task Pub_ends_when_it_is_interrupted_though_nothing_comes_from_its_input()
    {
        var shell = new Shell { Reader = new SilentReader() };
        var running = shell.RunAsync("pub", "t", "--stdin", "--port", $"{_broker.Port}");
        await _broker.WelcomeAsync();
        shell.Interruption.Request();
        Assert.Equal(ExitCode.Interrupted, await running.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    private sealed class SilentReader : TextReader
    {
        public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) => new(new TaskCompletionSource<string?>().Task);
    }

    [Fact]
    public async Task Feed_interrupted_before_it_serves_says_so_by_its_exit_code_alone()
    {
        var shell = new Shell();
        shell.Interruption.Request();
        Assert.Equal(ExitCode.Interrupted, await shell.RunAsync("feed", "--port", "0"));
        Assert.Equal("", shell.Out + shell.Error);
    }

    [Fact]
    public async Task What_is_no_broker_is_named_by_what_it_says()
    {
        var shell = new Shell();
        var running = shell.RunAsync("stats", "--port", $"{_broker.Port}");
        await (await _broker.AcceptAsync()).SayAsync("220 mail.example.org ESMTP");
        Assert.Equal(ExitCode.Failed, await running);
        Assert.Contains("is no broker; it said: 220 mail.example.org ESMTP", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feed_serves_on_a_free_port_until_its_time_is_over()
    {
        var shell = new Shell();
        var running = shell.RunAsync("feed", "--port", "0", "--duration", "20s", "--seed", "5", "--rate", "unlimited");
        var line = await shell.OutputAsync("tweets on http://127.0.0.1:");
        Assert.EndsWith("/ (streams 1..2, rate unlimited, seed 5)", line, StringComparison.Ordinal);
        using var http = new HttpClient();
        var home = await http.GetStringAsync(new Uri(line.Split(' ')[2]));
        Assert.Contains("/emotion_values", home, StringComparison.Ordinal);
        shell.Interruption.Request();
        Assert.Equal(ExitCode.Ok, await running);
        Assert.Contains("sent 0 tweets", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feed_says_which_port_is_in_use()
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Failed, await shell.RunAsync("feed", "--port", $"{_broker.Port}"));
        Assert.Contains($"127.0.0.1:{_broker.Port}: the port is in use", shell.Error, StringComparison.Ordinal);
        Assert.Contains("--port", shell.Error, StringComparison.Ordinal);
    }
}
