using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Rookery.Wire;

/// <summary>What every endpoint of the server has in common: how it starts, fails to start, and speaks TLS.</summary>
internal static class KestrelStart
{
    // As Kestrel has it, and long enough for a phone far away.
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(10);

    /// <summary>The program that composes the server decides when it ends; a host inside it must not listen for Ctrl-C.</summary>
    public static void Prepare(WebApplicationBuilder builder) => builder.Services.AddSingleton<IHostLifetime, NoLifetime>();

    /// <summary>Starts it, and says where it listens: with the port the system chose where 0 was asked for.</summary>
    /// <exception cref="IOException">The address cannot be listened on; the message names it. The host is disposed of.</exception>
    public static async Task<IPEndPoint> StartAsync(WebApplication app, IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            var reason = error is IOException { InnerException: AddressInUseException } ? "the port is in use" : error.Message;
            throw new IOException($"cannot listen on {endPoint}: {reason}", error);
        }

        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new IPEndPoint(endPoint.Address, new Uri(addresses.First()).Port);
    }

    public static HttpsConnectionAdapterOptions Https(TlsCertificate tls) => new()
    {
        ServerCertificate = tls.Certificate,
        ServerCertificateChain = tls.Chain,
        SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        HandshakeTimeout = Handshake,
    };

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
