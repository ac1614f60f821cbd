using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Rookery.BrokerGateway;
using Rookery.Client.Tests;
using Rookery.Conformance;
using Rookery.Hosting;

namespace Rookery.Cluster.Tests;

/// <summary>A gateway with a certificate.</summary>
public sealed class GatewayTlsTests : IAsyncLifetime
{
    private readonly Programs _programs = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-tls-").FullName;
    private readonly X509Certificate2 _certificate = SelfSigned.For("broker.test");

    private string File => Path.Combine(_folder, "both.pem");

    public async Task InitializeAsync()
    {
        using var key = _certificate.GetECDsaPrivateKey()!;
        await System.IO.File.WriteAllTextAsync(File, _certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await _programs.StartSiloAsync();
    }

    public async Task DisposeAsync()
    {
        await _programs.DisposeAsync();
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Both_ports_of_a_gateway_with_a_certificate_speak_TLS_and_nothing_else()
    {
        var gateway = await _programs.StartGatewayAsync("--tls-cert", File);
        var place = Programs.HttpOf(gateway);
        Assert.Equal(Uri.UriSchemeHttps, place.Scheme);
        using var http = Https(place);
        using var published = await http.PostAsJsonAsync("api/topics/news/events", new { id = "1", msg = "hello" });
        Assert.Equal(HttpStatusCode.Created, published.StatusCode);
        Assert.Equal("ready\n", await http.GetStringAsync("health/ready"));

        using var plain = new HttpClient { BaseAddress = new Uri($"http://{place.Authority}"), Timeout = Recorder.Deadline };
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(new Uri("health/ready", UriKind.Relative)));
        await using var line = await TlsLineAsync(gateway);
        using var lines = new StreamReader(line);
        Assert.Equal(LineClient.Greeting, await lines.ReadLineAsync().WaitAsync(Recorder.Deadline));
    }

    [Fact]
    public async Task HTTP_stays_plain_where_something_in_front_of_it_speaks_TLS()
    {
        var gateway = await _programs.StartGatewayAsync("--tls-cert", File, "--plain-http", "1");
        var place = Programs.HttpOf(gateway);
        Assert.Equal(Uri.UriSchemeHttp, place.Scheme);
        using var plain = new HttpClient { BaseAddress = place, Timeout = Recorder.Deadline };
        Assert.Equal("ready\n", await plain.GetStringAsync("health/ready"));
        await using var line = await TlsLineAsync(gateway);
        using var lines = new StreamReader(line);
        Assert.Equal(LineClient.Greeting, await lines.ReadLineAsync().WaitAsync(Recorder.Deadline));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_no_HTTP_is_told_so_with_and_without_a_certificate(bool withCertificate)
    {
        var gateway = await _programs.StartGatewayAsync(withCertificate ? ["--tls-cert", File] : []);
        var place = Programs.HttpOf(gateway);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, place.Port);
        await using Stream stream = withCertificate ? await SecureAsync(client.GetStream()) : client.GetStream();
        await stream.WriteAsync("nonsense\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(Recorder.Deadline);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("""{"error":"the request cannot be read: Invalid request line"}""", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "http://127.0.0.1:8082/")]
    [InlineData("ROOKERY_TLS_CERT=c.pem", "https://127.0.0.1:8082/")]
    [InlineData("ROOKERY_TLS_CERT=c.pem ROOKERY_PLAIN_HTTP=1 ROOKERY_HTTP_ADDRESS=0.0.0.0 ROOKERY_HTTP_PORT=9000", "http://127.0.0.1:9000/")]
    [InlineData("ROOKERY_TLS_CERT=c.pem ROOKERY_HTTP_ADDRESS=::", "https://127.0.0.1:8082/")]
    [InlineData("ROOKERY_HTTP_ADDRESS=10.0.0.7", "http://10.0.0.7:8082/")]
    public void The_health_of_a_gateway_is_asked_where_and_how_it_serves(string environment, string place)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=')).ToDictionary(one => one[0], one => one[1]);
        Assert.Equal(new Uri(place), GatewaySettings.HealthOf(new Settings([], variables.GetValueOrDefault)));

        // As does one whose settings are on its command line, those of other things among them.
        var flags = variables.SelectMany(one => new[] { "--" + one.Key["ROOKERY_".Length..].ToLowerInvariant().Replace('_', '-'), one.Value });
        Assert.Equal(new Uri(place), GatewaySettings.HealthOf(new Settings(["--port", "8000", .. flags], _ => null)));
    }

    [Fact]
    public async Task A_gateway_with_a_certificate_answers_whoever_asks_from_its_own_machine_how_it_is()
    {
        var gateway = await _programs.StartGatewayAsync("--tls-cert", File);
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        Assert.Equal(0, await Health.AskAsync("rookery-gateway", Programs.HttpOf(gateway), isHere: true, output, error));
        Assert.Equal(("ready\n", ""), (output.ToString(), error.ToString()));
    }

    private HttpClient Https(Uri place)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => IsOurs(shown);
        return new HttpClient(handler) { BaseAddress = place, Timeout = Recorder.Deadline };
    }

    private async Task<SslStream> TlsLineAsync(WebApplication gateway)
    {
        var client = new TcpClient();
        await client.ConnectAsync(Programs.EndPointOf(gateway));
        return await SecureAsync(client.GetStream());
    }

    private async Task<SslStream> SecureAsync(NetworkStream stream)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false, (_, shown, _, _) => IsOurs(shown));
        await tls.AuthenticateAsClientAsync("broker.test");
        return tls;
    }

    private bool IsOurs(X509Certificate? shown) => shown is X509Certificate2 its && SelfSigned.Thumbprint(its) == SelfSigned.Thumbprint(_certificate);
}
