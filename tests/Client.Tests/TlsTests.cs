using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Rookery.Client.Tests;

public sealed class TlsTests : IAsyncDisposable
{
    private readonly X509Certificate2 _certificate = SelfSigned.For("broker.test");
    private readonly ScriptedBroker _broker;

    public TlsTests() => _broker = new ScriptedBroker(_certificate);

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _certificate.Dispose();
    }

    public static TheoryData<string> Trusted => ["its authority and name", "its authority and address", "its thumbprint"];

    [Theory]
    [MemberData(nameof(Trusted))]
    public async Task A_broker_is_trusted_by(string what)
    {
        var tls = what switch
        {
            "its thumbprint" => new TlsOptions { Thumbprint = SelfSigned.Thumbprint(_certificate), ServerName = "another.test" },
            "its authority and name" => new TlsOptions { Authorities = [_certificate], ServerName = "broker.test" },
            _ => new TlsOptions { Authorities = [_certificate] },
        };
        var (client, peer) = await _broker.ConnectAsync(o => o with { Tls = tls, Token = "secret" });
        await using var _ = client;
        Assert.Contains("\"token\":\"secret\"", peer.Hello, StringComparison.Ordinal);
        var publishing = client.PublishAsync("t", "1", "1"u8.ToArray()).AsTask();
        await peer.ExpectAsync("pub t ");
        await peer.SayAsync("ok pub t 1 1");
        Assert.Equal(1, (await publishing.WaitAsync(ScriptedBroker.Deadline)).Sequence);
    }

    public static TheoryData<string> Distrusted => ["an unknown authority", "another name", "another authority", "another thumbprint"];

    [Theory]
    [MemberData(nameof(Distrusted))]
    public async Task A_broker_is_not_told_the_token_where_it_has(string what)
    {
        using var other = SelfSigned.For("broker.test");
        var tls = what switch
        {
            "another name" => new TlsOptions { Authorities = [_certificate], ServerName = "another.test" },
            "another authority" => new TlsOptions { Authorities = [other], ServerName = "broker.test" },
            "another thumbprint" => new TlsOptions { Thumbprint = SelfSigned.Thumbprint(other) },
            _ => new TlsOptions(),
        };
        var accepting = _broker.AcceptAsync();
        var error = await Assert.ThrowsAsync<RookeryConnectionException>(
            () => RookeryClient.ConnectAsync(_broker.Options with { Tls = tls, Token = "secret" }).WaitAsync(ScriptedBroker.Deadline));
        var why = what switch
        {
            "another name" => "its certificate is not for another.test",
            "another thumbprint" => "its certificate is not the one that the thumbprint names",
            _ => "its certificate is not trusted: ",
        };
        Assert.StartsWith($"no TLS with 127.0.0.1:{_broker.Port}: {why}", error.Message, StringComparison.Ordinal);
        try
        {
            var peer = await accepting;
            await Assert.ThrowsAnyAsync<Exception>(peer.NextAsync);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // Told by the handshake that it is not trusted.
        }
    }

    [Fact]
    public async Task A_broker_without_TLS_is_no_broker_with_it()
    {
        await using var plain = new ScriptedBroker();
        var connecting = RookeryClient.ConnectAsync(plain.Options with { Tls = new TlsOptions() });
        await (await plain.AcceptAsync()).SayAsync("Successfully connected to message_broker");
        var error = await Assert.ThrowsAsync<RookeryConnectionException>(() => connecting.WaitAsync(ScriptedBroker.Deadline));
        Assert.Equal($"no TLS with 127.0.0.1:{plain.Port}: what answers there does not speak TLS", error.Message);
    }

    [Fact]
    public async Task A_handshake_that_fails_in_the_library_below_is_told_in_its_words()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = new RookeryClientOptions { Port = ((IPEndPoint)listener.LocalEndpoint).Port, Tls = new TlsOptions() };
        var connecting = RookeryClient.ConnectAsync(options);
        using var peer = await listener.AcceptTcpClientAsync().WaitAsync(ScriptedBroker.Deadline);

        // An alert: fatal, protocol version.
        await peer.GetStream().WriteAsync(new byte[] { 0x15, 3, 3, 0, 2, 2, 70 });
        var error = await Assert.ThrowsAsync<RookeryConnectionException>(() => connecting.WaitAsync(ScriptedBroker.Deadline));
        Assert.StartsWith($"no TLS with 127.0.0.1:{options.Port}: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("does not speak TLS", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("inner exception", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thumbprint_is_64_digits()
    {
        var options = new RookeryClientOptions { Tls = new TlsOptions { Thumbprint = "aa:bb" } };
        Assert.Equal("Thumbprint is aa:bb; it must be 64 hexadecimal digits", Assert.Throws<ArgumentException>(options.Validate).Message);
    }
}
