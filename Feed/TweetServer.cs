using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Rookery.Feed;

/// <summary>
/// Serves streams of invented tweets over HTTP, in the format of the tweet server this project's predecessors were written against:
/// <c>/</c>, <c>/tweets/1</c> to <c>/tweets/N</c>, <c>/emotion_values</c>.
/// </summary>
public sealed class TweetServer : IAsyncDisposable
{
    // How much may wait for a slow reader. Two batches: one is written while the other is sent.
    private const long MostWaiting = 2 * TweetWriter.BatchLength;

    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    private readonly FeedOptions _options;
    private readonly ILogger _logger;
    private readonly FeedCounters _counters = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly FeedApplication _application;
    private readonly KestrelServer _server;
    private Uri? _address;
    private bool _disposed;

    /// <summary>Prepares a server; nothing is made and no port is opened before <see cref="StartAsync"/>.</summary>
    /// <param name="options">What to serve, where, and how fast.</param>
    /// <param name="time">The clock behind pauses and the time of sending; default: the system's.</param>
    /// <param name="loggers">Where to log; default: nowhere.</param>
    /// <exception cref="ArgumentException">An option is outside its bounds.</exception>
    public TweetServer(FeedOptions options, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("Rookery.Feed");
        var world = new TweetWorld(options.Seed);
        var streams = new LiveStream[options.Streams];
        for (var i = 0; i < streams.Length; i++)
        {
            streams[i] = new LiveStream(new TweetSequence(world, options.Seed, i + 1, options.PanicProbability));
        }

        var writer = new TweetWriter(options, streams, _counters, time ?? TimeProvider.System, _logger);
        _application = new FeedApplication(options, writer, _counters, _logger, _stopping.Token);
        _server = CreateServer(options);
    }

    /// <summary>The address that is listened on, with the port really taken; a loopback address if it is every address.</summary>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    public Uri Address => _address ?? throw new InvalidOperationException("The tweet server has no address before it is started.");

    /// <summary>The seed of the streams.</summary>
    public int Seed => _options.Seed;

    /// <summary>Tweets handed to the sockets of readers so far, all streams together, not counting kill messages.</summary>
    public long TweetsSent => _counters.Tweets;

    /// <summary>Kill messages handed to the sockets of readers so far.</summary>
    public long PanicsSent => _counters.Panics;

    /// <summary>Opens the port and begins to serve.</summary>
    /// <exception cref="IOException">The port is in use, or the address is not of this machine; the message names host and port.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        try
        {
            await _server.StartAsync(_application, cancellation);
        }
        catch (Exception exception) when (exception is IOException or AddressInUseException or System.Net.Sockets.SocketException)
        {
            var why = exception is AddressInUseException || exception.InnerException is AddressInUseException
                ? "the port is in use"
                : exception.GetBaseException().Message;
            throw new IOException(FormattableString.Invariant($"The tweet server cannot listen on {_options.Host}:{_options.Port}: {why}."), exception);
        }

        _address = Connectable(_server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        FeedLog.Listening(_logger, _address, _options.Streams, _options.Rate, _options.Seed);
    }

    /// <summary>Ends all streams and closes the port. A reader that does not take the end of its stream within a second is cut off.</summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        await _stopping.CancelAsync();
        using var farewell = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        farewell.CancelAfter(FarewellTime);
        await _server.StopAsync(farewell.Token);
    }

    /// <summary>Stops the server if it runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await StopAsync();
        _server.Dispose();
        _stopping.Dispose();
        _counters.Dispose();
    }

    private static KestrelServer CreateServer(FeedOptions options)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        kestrel.Limits.MaxResponseBufferSize = MostWaiting;
        // A reader under pressure stops reading for as long as it needs; that is no reason to cut it off.
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Listen(new IPEndPoint(options.ListenAddress(), options.Port), listen => listen.Protocols = HttpProtocols.Http1);

        // Kestrel's own log would repeat every broken connection; what matters is logged here.
        var sockets = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions { MaxWriteBufferSize = MostWaiting }), NullLoggerFactory.Instance);
        return new KestrelServer(Options.Create(kestrel), sockets, NullLoggerFactory.Instance);
    }

    private static Uri Connectable(string bound)
    {
        var address = new UriBuilder(bound);
        address.Host = address.Host switch
        {
            "0.0.0.0" => "127.0.0.1",
            "[::]" => "[::1]",
            var host => host,
        };
        return address.Uri;
    }
}
