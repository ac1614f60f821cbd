using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Rookery.Client.Tests;

namespace Rookery.Wire.Tests;

/// <summary>What the web server cannot read is answered as everything else is.</summary>
public sealed class HttpUnreadableRequestTests
{
    private const string Host = "Host: localhost\r\n";

    // No byte more than the server needs to be sure: with one unread it would reset the connection, and the answer could be lost on the way.
    public static TheoryData<string, int, string> Unreadable => new()
    {
        { $"GET /{new string('a', 8192 - 5)}", 414, "the line of the request is too long: at most 8192 bytes are allowed" },
        { $"GET / HTTP/1.1\r\n{Host}{string.Concat(Enumerable.Repeat("X: a\r\n", 100))}", 431, "the headers are too many or too long: at most 100 of together 32768 bytes are allowed" },
        { $"GET /api/topics/%00 HTTP/1.1\r\n{Host}\r\n", 400, "the request cannot be read: Invalid request target" },
        { "GET / HTTP/1.1\r\n\r\n", 400, "the request cannot be read: Request is missing Host header" },
        { "nonsense\r\n\r\n", 400, "the request cannot be read: Invalid request line" },
    };

    public static TheoryData<string, int> UnreadableHeads => new()
    {
        { $"HEAD /{new string('a', 8192 - 6)}", 414 },
        { $"HEAD / HTTP/1.1\r\n{Host}{string.Concat(Enumerable.Repeat("X: a\r\n", 100))}", 431 },
        { $"HEAD /api/topics/%00 HTTP/1.1\r\n{Host}\r\n", 400 },
        { "HEAD / HTTP/1.1\r\n\r\n", 400 },
        { "HEAD nonsense\r\n\r\n", 400 },
        { $"HEAD / HTTP/1.7\r\n{Host}\r\n", 505 },
        { $"\r\nHEAD / HTTP/9.1\r\n{Host}\r\n", 505 },
        { "HEAD\r\n\r\n", 400 },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task What_cannot_be_read_is_answered_with_an_error_in_json(string request, int status, string error)
    {
        await using var served = await ServedHttp.StartAsync();
        using var socket = await ConnectAsync(served.Server.EndPoint);
        await using var stream = new NetworkStream(socket);
        await CheckAsync(stream, request, status, error);
    }

    [Theory]
    [MemberData(nameof(UnreadableHeads))]
    public async Task Who_asks_for_the_head_alone_gets_no_body_of_an_error_either(string request, int status)
    {
        await using var served = await ServedHttp.StartAsync();
        using var socket = await ConnectAsync(served.Server.EndPoint);
        await using var stream = new NetworkStream(socket);

        // Behind a good request: what was asked before does not matter.
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"HEAD /health/live HTTP/1.1\r\n{Host}\r\n"));
        var block = new byte[4096];
        Assert.EndsWith("\r\n\r\n", Encoding.UTF8.GetString(block, 0, await stream.ReadAsync(block).AsTask().WaitAsync(ServedHttp.Deadline)), StringComparison.Ordinal);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(ServedHttp.Deadline);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal("", answer.Split("\r\n\r\n", 2)[1]);
    }

    [Fact]
    public async Task So_it_is_after_a_good_request_of_the_same_connection()
    {
        await using var served = await ServedHttp.StartAsync();
        using var socket = await ConnectAsync(served.Server.EndPoint);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"GET /health/live HTTP/1.1\r\n{Host}\r\n"));
        var block = new byte[4096];
        Assert.StartsWith("HTTP/1.1 200", Encoding.UTF8.GetString(block, 0, await stream.ReadAsync(block).AsTask().WaitAsync(ServedHttp.Deadline)), StringComparison.Ordinal);
        await CheckAsync(stream, "nonsense\r\n\r\n", 400, "the request cannot be read: Invalid request line");
    }

    [Theory]
    [InlineData("ffffffffffffffff", "the request cannot be read: Bad chunk size data")]
    [InlineData("nonsense", "Bad chunk size data")]
    public async Task So_it_is_where_the_body_is_cut_into_what_are_no_chunks(string length, string error)
    {
        await using var served = await ServedHttp.StartAsync();
        using var socket = await ConnectAsync(served.Server.EndPoint);
        await using var stream = new NetworkStream(socket);
        var head = $"POST /api/topics/news/events HTTP/1.1\r\n{Host}Connection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{head}{length}\r\n"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(ServedHttp.Deadline);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains($"{{\"error\":\"{error}\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_it_is_behind_tls()
    {
        using var certificate = SelfSigned.For("localhost");
        await using var served = await ServedHttp.StartAsync(new HttpOptions { Tls = new TlsCertificate(certificate, []) });
        using var socket = await ConnectAsync(served.Server.EndPoint);
        await using var stream = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, (_, shown, _, _) => shown?.GetCertHashString() == certificate.Thumbprint);
        await stream.AuthenticateAsClientAsync("localhost");
        await CheckAsync(stream, "nonsense\r\n\r\n", 400, "the request cannot be read: Invalid request line");
    }

    [Fact]
    public async Task So_it_is_within_a_program_that_listens_by_itself()
    {
        var options = new HttpOptions();
        await using var server = new HttpServer(new FakeBroker(), options);
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => HttpServer.Limit(kestrel, options));
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        server.MountOn(app);
        await app.StartAsync();
        using var socket = await ConnectAsync(IPEndPoint.Parse(new Uri(app.Urls.Single()).Authority));
        await using var stream = new NetworkStream(socket);
        await CheckAsync(stream, "nonsense\r\n\r\n", 400, "the request cannot be read: Invalid request line");
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server);
        return socket;
    }

    /// <summary>The answer is whole, the last, and followed by nothing.</summary>
    private static async Task CheckAsync(Stream stream, string request, int status, string error)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        using var reader = new StreamReader(stream);
        var answer = (await reader.ReadToEndAsync().WaitAsync(ServedHttp.Deadline)).Split("\r\n\r\n");
        Assert.Equal(2, answer.Length);
        var head = answer[0].Split("\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", head[0], StringComparison.Ordinal);
        Assert.Contains("Connection: close", head);
        Assert.Contains("Content-Type: application/json", head);
        Assert.Contains($"Content-Length: {Encoding.UTF8.GetByteCount(answer[1])}", head);
        Assert.Equal(error, ServedHttp.ErrorOf(answer[1]));
    }
}
