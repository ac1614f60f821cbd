using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Rookery.Wire;

/// <summary>Kestrel with one TCP endpoint and a connection handler behind it; no HTTP.</summary>
internal sealed class TcpHost : IAsyncDisposable
{
    // As Kestrel has it, and long enough for a phone far away.
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;

    private TcpHost(WebApplication app, IPEndPoint endPoint)
    {
        _app = app;
        EndPoint = endPoint;
    }

    /// <summary>Where it listens, with the port the system chose where 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    /// <param name="endPoint">Where to listen.</param>
    /// <param name="handler">Serves a connection.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <param name="around">Stands around everything that happens to a connection, its TLS handshake included.</param>
    /// <param name="tls">The certificate to serve TLS with; null: plain TCP.</param>
    /// <exception cref="IOException">The address cannot be listened on; the message names it.</exception>
    public static async Task<TcpHost> StartAsync(
        IPEndPoint endPoint,
        ConnectionDelegate handler,
        CancellationToken cancellationToken,
        Func<ConnectionContext, ConnectionDelegate, Task>? around = null,
        TlsCertificate? tls = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore()
            .UseSockets(options =>
            {
                options.Backlog = 4096;
                options.MaxWriteBufferSize = Outbox.PieceBytes;
                options.NoDelay = true;

                // A read is parsed by the thread that received it, a write is sent by the thread that flushes:
                // on few cores every hand-over costs more than it frees.
                options.UnsafePreferInlineScheduling = true;
            })
            .ConfigureKestrel(options =>
            {
                options.AddServerHeader = false;
                options.Listen(endPoint, listen =>
                {
                    if (around is not null)
                    {
                        listen.Use(next => transport => around(transport, next));
                    }

                    if (tls is not null)
                    {
                        // Named after HTTP, it is TLS for whatever comes behind.
                        listen.UseHttps(new HttpsConnectionAdapterOptions
                        {
                            ServerCertificate = tls.Certificate,
                            ServerCertificateChain = tls.Chain,
                            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                            HandshakeTimeout = Handshake,
                        });
                    }

                    listen.Use(_ => handler);
                });
            });

        // Behind what the server registers itself: the last one counts.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(new BlockPool());
        var app = builder.Build();
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

        return new TcpHost(app, Bound(app, endPoint));
    }

    /// <summary>Accepts nobody any more and waits for the connections to end; those that have not by the deadline are aborted.</summary>
    public Task StopAsync(CancellationToken deadline) => _app.StopAsync(deadline);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IPEndPoint Bound(WebApplication app, IPEndPoint wanted)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new IPEndPoint(wanted.Address, new Uri(addresses.First()).Port);
    }

    /// <summary>The program that composes the server decides when it ends; a host inside it must not listen for Ctrl-C.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
