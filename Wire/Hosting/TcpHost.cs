using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Rookery.Wire;

/// <summary>Kestrel with one TCP endpoint and a connection handler behind it; no HTTP.</summary>
internal sealed class TcpHost : IAsyncDisposable
{
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
        KestrelStart.Prepare(builder);
        builder.WebHost.UseKestrelCore()
            .UseSockets(options =>
            {
                options.Backlog = 4096;
                options.MaxWriteBufferSize = SendQueue.PieceBytes;
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
                        listen.UseHttps(KestrelStart.Https(tls));
                    }

                    listen.Use(_ => handler);
                });
            });

        // Behind what the server registers itself: the last one counts.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(new BlockPool());
        var app = builder.Build();
        return new TcpHost(app, await KestrelStart.StartAsync(app, endPoint, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Accepts nobody any more and waits for the connections to end; those that have not by the deadline are aborted.</summary>
    public Task StopAsync(CancellationToken deadline) => _app.StopAsync(deadline);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
