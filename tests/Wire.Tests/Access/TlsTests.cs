using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Rookery.Client.Tests;
using Rookery.Conformance;

namespace Rookery.Wire.Tests;

public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-").FullName;
    private readonly X509Certificate2 _certificate = SelfSigned.For("broker.test");

    public void Dispose()
    {
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task The_protocol_is_the_same_under_TLS(SslProtocols version)
    {
        await using var served = await ServedBroker.StartAsync(Options);
        await using var stream = await ConnectAsync(served.Server.EndPoint, version);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var message = new string('x', 500_000);
        foreach (var (said, replies) in new[]
        {
            ("", (string[])[LineClient.Greeting]),
            ($"sub t\r\npub t {{\"id\":\"1\",\"msg\":\"{message}\"}}\r\n", ["successfully subscribed to topic t", $"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"{message}\",\"id\":\"1\"}}"]),
            ("ack t 1\r\nquit\r\n", ["acknowledged ev_id=1", "no available message", "bye"]),
        })
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(said));
            foreach (var reply in replies)
            {
                Assert.Equal(reply, await reader.ReadLineAsync().WaitAsync(Deadline));
            }
        }

        Assert.Null(await reader.ReadLineAsync().WaitAsync(Deadline));
        await ServedBroker.EventuallyAsync(() => served.Server.Connections == 0, "the connection is gone");
    }

    [Fact]
    public async Task A_flood_that_nobody_reads_is_bounded_under_TLS_too()
    {
        await using var served = await ServedBroker.StartAsync(Options with { MaxPendingCommands = 64 * 1024, MaxPendingOutput = 64 * 1024 });
        await using var stream = await ConnectAsync(served.Server.EndPoint, SslProtocols.Tls13);
        var flood = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("help\n", 20_000)));
        var sent = 0L;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await stream.WriteAsync(flood);
                Interlocked.Add(ref sent, flood.Length);
            }
        });
        var before = -1L;
        while (before != Interlocked.Read(ref sent))
        {
            before = Interlocked.Read(ref sent);
            await Task.Delay(300);
        }

        Assert.False(sending.IsCompleted);
        await stream.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
        await ServedBroker.EventuallyAsync(() => served.Server.Connections == 0, "the connection is gone");
    }

    [Fact]
    public async Task Who_speaks_plainly_to_it_is_closed_and_counted_while_it_lasts()
    {
        var logs = new ListLogs();
        await using var served = await ServedBroker.StartAsync(Options with { MaxConnections = 1 }, loggers: logs);
        await using (var silent = await LineClient.OpenAsync(served.Server.EndPoint))
        {
            await ServedBroker.EventuallyAsync(() => served.Server.Connections == 1, "it is counted before its handshake");
            await using var second = await LineClient.OpenAsync(served.Server.EndPoint);
            Assert.Empty(await second.ReadToEndAsync());
            Assert.Equal(1, served.Server.Refused);
            await silent.SendAsync("hello {}");
            await logs.WaitAsync("no TLS handshake");
        }

        await ServedBroker.EventuallyAsync(() => served.Server.Connections == 0, "the connection is gone");
        await using var good = await ConnectAsync(served.Server.EndPoint, SslProtocols.Tls13);
    }

    [Fact]
    public async Task A_stop_is_told_under_TLS()
    {
        await using var served = await ServedBroker.StartAsync(Options);
        await using var stream = await ConnectAsync(served.Server.EndPoint, SslProtocols.Tls13);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        Assert.Equal(LineClient.Greeting, await reader.ReadLineAsync().WaitAsync(Deadline));
        var stopping = served.Server.StopAsync();
        Assert.Equal("error: shutting down", await reader.ReadLineAsync().WaitAsync(Deadline));
        await stopping.WaitAsync(Deadline);
    }

    [Theory]
    [InlineData("pem and key")]
    [InlineData("one pem")]
    [InlineData("pem and encrypted key")]
    [InlineData("pfx")]
    [InlineData("pfx with password")]
    public void A_certificate_is_read_from(string what)
    {
        const string Password = "pass word";
        using var key = _certificate.GetECDsaPrivateKey()!;
        var chain = SelfSigned.For("authority.test");
        var pem = _certificate.ExportCertificatePem() + "\n" + chain.ExportCertificatePem() + "\n";
        var plain = key.ExportPkcs8PrivateKeyPem();
        var encrypted = key.ExportEncryptedPkcs8PrivateKeyPem(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        var read = what switch
        {
            "pem and key" => TlsCertificate.Load(Write("c.pem", pem), Write("k.pem", plain)),
            "one pem" => TlsCertificate.Load(Write("c.pem", pem + plain)),
            "pem and encrypted key" => TlsCertificate.Load(Write("c.pem", pem), Write("k.pem", encrypted), Password),
            "pfx" => TlsCertificate.Load(Write("c.pfx", _certificate.Export(X509ContentType.Pkcs12))),
            _ => TlsCertificate.Load(Write("c.pfx", _certificate.Export(X509ContentType.Pkcs12, Password)), null, Password),
        };
        Assert.True(read.Certificate.HasPrivateKey);
        Assert.Equal(_certificate.Thumbprint, read.Certificate.Thumbprint);
        Assert.Equal(what.StartsWith("pfx", StringComparison.Ordinal) ? [] : [chain.Thumbprint], read.Chain.Select(c => c.Thumbprint));
    }

    [Fact]
    public void A_certificate_that_cannot_be_used_is_named()
    {
        var pem = Write("c.pem", _certificate.ExportCertificatePem());
        var missing = Path.Combine(_folder, "missing.pem");
        Assert.Contains(missing, Assert.ThrowsAny<IOException>(() => TlsCertificate.Load(pem, missing)).Message, StringComparison.Ordinal);
        Assert.Contains(missing, Assert.ThrowsAny<IOException>(() => TlsCertificate.Load(missing, pem)).Message, StringComparison.Ordinal);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = Write("other.pem", other.ExportPkcs8PrivateKeyPem());
        Assert.StartsWith($"{pem} with {key} is no certificate with its private key: ", Refused(pem, key, null), StringComparison.Ordinal);
        Assert.Equal($"{pem} has no private key in it, and no other file was named that has it", Refused(pem, null, null));
        var junk = Write("junk.pfx", "junk"u8.ToArray());
        Assert.StartsWith($"{junk} is no certificate with its private key: ", Refused(junk, null, null), StringComparison.Ordinal);
        Assert.StartsWith($"{junk} is no PEM file, so its private key has to be in it: ", Refused(junk, key, null), StringComparison.Ordinal);
        var locked = Write("locked.pfx", _certificate.Export(X509ContentType.Pkcs12, "right"));
        Assert.StartsWith($"{locked} is no certificate with its private key: ", Refused(locked, null, "wrong"), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            using var mine = _certificate.GetECDsaPrivateKey()!;
            var open = Write("open.pem", mine.ExportPkcs8PrivateKeyPem());
            File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.Equal(
                $"{open} can be read or changed by other users (its mode is 404): chmod 600 {open}", Assert.Throws<IOException>(() => TlsCertificate.Load(pem, open)).Message);
        }
    }

    private WireOptions Options => new() { Tls = new TlsCertificate(_certificate, []), DrainTimeout = TimeSpan.FromSeconds(1) };

    private static string Refused(string path, string? key, string? password) =>
        Assert.Throws<FormatException>(() => TlsCertificate.Load(path, key, password)).Message;

    private async Task<SslStream> ConnectAsync(IPEndPoint server, SslProtocols version)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(server);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "broker.test",
            EnabledSslProtocols = version,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == _certificate.Thumbprint,
        }).WaitAsync(Deadline);
        return stream;
    }

    private string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }
}
