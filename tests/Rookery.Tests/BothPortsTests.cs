using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Rookery.Client;
using Rookery.Client.Tests;
using Rookery.Local;

namespace Rookery.Command.Tests;

/// <summary>What the line protocol and HTTP have in common in a whole run: tokens, the certificate, and whether it is ready.</summary>
public sealed class BothPortsTests : IDisposable
{
    private const string Token = "the token of a and of no other";
    private const string Tokens = $$"""{"tokens":[{"owner":"a","token":"{{Token}}","publish":["*"],"subscribe":["*"]}]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-").FullName;

    [Fact]
    public async Task A_certificate_serves_HTTPS_and_nothing_else_on_the_port_of_the_page()
    {
        using var certificate = SelfSigned.For("broker.test");
        using var key = certificate.GetECDsaPrivateKey()!;
        var (cert, pem) = (Path.Combine(_folder, "cert.pem"), Path.Combine(_folder, "key.pem"));
        await File.WriteAllTextAsync(cert, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(pem, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(pem, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await using var run = Run([], "--no-tweets", "--tls-cert", cert, "--tls-key", pem);
        var page = await PageAsync(run);
        Assert.Equal("https", page.Scheme);

        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
            shown is X509Certificate2 its && SelfSigned.Thumbprint(its) == SelfSigned.Thumbprint(certificate);
        using var client = new HttpClient(handler) { BaseAddress = page, Timeout = RookeryProcess.Deadline };
        Assert.Equal("""{"status":"ok"}""", await client.GetStringAsync(new Uri("health/ready", UriKind.Relative)));
        Assert.Equal(HttpStatusCode.Created, await PublishAsync(client, null));
        Assert.Equal((ExitCode.Ok, "{\"status\":\"ok\"}\n", ""), await AskAsync(new() { ["ROOKERY_HTTP_PORT"] = $"{page.Port}", ["ROOKERY_TLS_CERT"] = cert }, "health"));

        using var plain = new HttpClient { BaseAddress = new Uri($"http://{page.Authority}"), Timeout = RookeryProcess.Deadline };
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(new Uri("health/ready", UriKind.Relative)));
    }

    [Fact]
    public async Task Wrong_tokens_at_one_port_count_at_the_other()
    {
        await using var run = Run(new() { ["ROOKERY_TOKENS"] = Tokens }, "--no-tweets");
        var broker = await run.PortAsync("broker on ");
        using var client = new HttpClient { BaseAddress = await PageAsync(run), Timeout = RookeryProcess.Deadline };
        Assert.Equal(HttpStatusCode.Created, await PublishAsync(client, Token));
        Assert.All(
            await Task.WhenAll(Enumerable.Range(0, 10).Select(n => PublishAsync(client, $"a token that nobody has {n}"))),
            answer => Assert.Equal(HttpStatusCode.Unauthorized, answer));

        Assert.Equal(HttpStatusCode.TooManyRequests, await PublishAsync(client, Token));
        var refused = await Assert.ThrowsAnyAsync<RookeryException>(() => RookeryClient.ConnectAsync(new RookeryClientOptions { Port = broker, Token = Token }));
        Assert.Contains("too many failed attempts", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_is_ready_while_tweets_can_be_stored_and_says_what_keeps_it_from_that()
    {
        await using var run = Run([], "--rate", "200", "--panic", "0");
        using var client = new HttpClient { BaseAddress = await PageAsync(run), Timeout = RookeryProcess.Deadline };
        await ReadyAsync(client, HttpStatusCode.OK, """{"status":"ok"}""");
        using (var database = SqliteDatabase.Open(Path.Combine(_folder, "data", SqliteTweetStore.FileName), readOnly: false, TimeSpan.FromSeconds(30)))
        {
            database.Execute("BEGIN IMMEDIATE");
            await ReadyAsync(client, HttpStatusCode.ServiceUnavailable, "is locked by another program");
            Assert.Equal("""{"status":"ok"}""", await client.GetStringAsync(new Uri("health/live", UriKind.Relative)));
            database.Execute("ROLLBACK");
        }

        await ReadyAsync(client, HttpStatusCode.OK, """{"status":"ok"}""");
    }

    [Fact]
    public async Task A_run_without_any_stream_is_not_ready()
    {
        await using var run = Run([], "--source", "http://127.0.0.1:1");
        using var client = new HttpClient { BaseAddress = await PageAsync(run), Timeout = RookeryProcess.Deadline };
        await ReadyAsync(client, HttpStatusCode.ServiceUnavailable, "streams: none is connected: ");
        var (code, said, _) = await AskAsync([], "health", "--url", client.BaseAddress.ToString());
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("streams: none is connected: ", said, StringComparison.Ordinal);
        (code, _, said) = await AskAsync([], "health", "--url", "http://127.0.0.1:1");
        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith("rookery: nothing answers on http://127.0.0.1:1/: ", said, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<(int Code, string Out, string Error)> AskAsync(Dictionary<string, string> variables, params string[] args)
    {
        var shell = new Shell { Variables = variables };
        return (await shell.RunAsync(args), shell.Out, shell.Error);
    }

    private static async Task<Uri> PageAsync(RookeryProcess run) =>
        new((await run.LineAsync(l => l.StartsWith("page on ", StringComparison.Ordinal))).Split(' ')[2]);

    private static async Task<HttpStatusCode> PublishAsync(HttpClient client, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/topics/news/events")
        {
            Content = new StringContent("""{"id":1,"msg":1}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task ReadyAsync(HttpClient client, HttpStatusCode status, string text)
    {
        for (var i = 0; ; i++)
        {
            using var answer = await client.GetAsync(new Uri("health/ready", UriKind.Relative));
            var body = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode == status && body.Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            Assert.True(i < 600, $"after a minute it is {answer.StatusCode}: {body}");
            await Task.Delay(100);
        }
    }

    private RookeryProcess Run(Dictionary<string, string> variables, params string[] args) => RookeryProcess.Start(
        [], "rookery.dll", variables, ["run", "--data", Path.Combine(_folder, "data"), "--broker-port", "0", "--viewer-port", "0", "--feed-port", "0", .. args]);
}
