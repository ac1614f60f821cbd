using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Broker;
using ListenOptions = Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions;
using KestrelServerOptions = Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions;

namespace Rookery.Wire;

/// <summary>
/// Serves a broker over HTTP as <c>docs/HTTP.md</c> says, with whatever else the host puts beside it. The broker stays the
/// host's: it is neither started nor disposed of here.
/// </summary>
public sealed class HttpServer : IAsyncDisposable
{
    // Of a request: the line and the headers together.
    private const int MaxHeaderBytes = 32 * 1024;

    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    private readonly IBroker _broker;
    private readonly HttpOptions _options;
    private readonly IReadOnlyList<IHttpPart> _parts;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WireLog _log;
    private readonly HttpAccess _access;
    private readonly EventStreams _streams;
    private readonly SessionPool _sessions;
    private readonly MetricsCollector _metrics;
    private readonly bool _ownsMetrics;
    private WebApplication? _app;
    private bool _isMounted;
    private bool _stopping;
    private IPEndPoint? _endPoint;

    /// <summary>Prepares a server; nothing listens before <see cref="StartAsync"/>.</summary>
    /// <param name="broker">What is served.</param>
    /// <param name="options">How; default: <see cref="HttpOptions"/> as they are.</param>
    /// <param name="parts">What else is served.</param>
    /// <param name="metrics">What <c>/metrics</c> shows, where it was begun before; default: from now on.</param>
    /// <param name="time">The clock of deadlines; default: the system's.</param>
    /// <param name="loggers">Where it logs; default: nowhere.</param>
    /// <param name="gatekeeper">Who lets clients in, where another server of the same tokens counts failures too; default: one of its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public HttpServer(
        IBroker broker,
        HttpOptions? options = null,
        IEnumerable<IHttpPart>? parts = null,
        MetricsCollector? metrics = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        Gatekeeper? gatekeeper = null)
    {
        ArgumentNullException.ThrowIfNull(broker);
        _broker = broker;
        _options = options ?? new HttpOptions();
        _options.Validate();
        _parts = [.. parts ?? []];
        _time = time ?? TimeProvider.System;
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("Rookery.Wire.HttpServer");
        _log = new WireLog(_logger, _time);
        gatekeeper ??= _options.Access is { } access ? new Gatekeeper(access, _options.MaxFailedAttempts, _time, _log) : null;
        _access = new HttpAccess(_options, gatekeeper, _time);
        _streams = new EventStreams(broker, _options, _time, _log);
        _sessions = new SessionPool(broker);
        _metrics = metrics ?? new MetricsCollector();
        _ownsMetrics = metrics is null;
    }

    /// <summary>Where it listens, with the port the system chose where 0 was asked for.</summary>
    /// <exception cref="InvalidOperationException">It was not started.</exception>
    public IPEndPoint EndPoint => _endPoint ?? throw new InvalidOperationException("the server was not started");

    /// <summary>What is served, as methods and patterns of paths.</summary>
    public IReadOnlyList<string> Routes { get; private set; } = [];

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address cannot be listened on; the message names host and port.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var endPoint = new IPEndPoint(_options.Host, _options.Port);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        KestrelStart.Prepare(builder);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseSockets().ConfigureKestrel(kestrel =>
        {
            LimitRequests(kestrel, _options);
            kestrel.Listen(endPoint, listen => Prepare(listen, _options));
        });
        var app = builder.Build();
        var routes = Map(app);
        new HealthRoutes(_broker, _parts).Map(routes);
        Routes = routes.Known;
        _endPoint = await KestrelStart.StartAsync(app, endPoint, cancellationToken).ConfigureAwait(false);
        _app = app;
        _log.Listening(_endPoint);
    }

    /// <summary>
    /// Serves within a program that listens by itself and says how healthy it is. As the program begins to end, every stream is
    /// told; <see cref="StopAsync"/> is still to be called.
    /// </summary>
    /// <param name="app">The program, before it is started.</param>
    public void MountOn(WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        _isMounted = true;
        Routes = Map(app).Known;

        // The program waits for open requests before anything else of it ends.
        app.Lifetime.ApplicationStopping.Register(() => _streams.EndAll(HttpFaultException.Plain(Errors.ShuttingDown)));
    }

    /// <summary>
    /// Sets the limits of connections and requests, serves with TLS where the options say so, and lets those be answered that cannot be read:
    /// for every endpoint that is added behind this call.
    /// </summary>
    /// <param name="kestrel">Of the program that it is mounted on.</param>
    /// <param name="options">How it is served.</param>
    public static void Limit(KestrelServerOptions kestrel, HttpOptions options)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        ArgumentNullException.ThrowIfNull(options);
        LimitRequests(kestrel, options);
        kestrel.ConfigureEndpointDefaults(listen => Prepare(listen, options));
    }

    private static void Prepare(ListenOptions listen, HttpOptions options)
    {
        if (options.Tls is { } tls)
        {
            listen.UseHttps(KestrelStart.Https(tls));
        }

        UnreadableRequests.Watch(listen);
    }

    private static void LimitRequests(KestrelServerOptions kestrel, HttpOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
    }

    /// <summary>
    /// Accepts nobody any more, tells every stream, lets answers out and closes; who has not sent his request, or not taken his
    /// answer, after 5 s is cut off. A second call does nothing.
    /// </summary>
    /// <param name="cancellationToken">Cuts it shorter: what is still open is aborted.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if ((_app is null && !_isMounted) || Interlocked.Exchange(ref _stopping, true))
        {
            return;
        }

        _streams.EndAll(HttpFaultException.Plain(Errors.ShuttingDown));
        if (_app is { } app)
        {
            using var longest = new CancellationTokenSource(LongestStop, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellationToken);
            await app.StopAsync(either.Token).ConfigureAwait(false);
        }

        await _sessions.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops it, if it runs, and gives everything back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
            _app = null;
            await app.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            await StopAsync().ConfigureAwait(false);
        }

        if (_ownsMetrics)
        {
            _metrics.Dispose();
        }
    }

    private HttpRoutes Map(WebApplication app)
    {
        UnreadableRequests.Answer(app);
        app.Use(GuardAsync);
        app.UseRouting();
        var routes = new HttpRoutes(app, _access);
        var topics = new TopicRoutes(_broker, _sessions);
        routes.Map("POST", "/api/topics/{topic}/events", new PublishRoute(_broker, _options, _sessions).HandleAsync);
        routes.Map("GET", "/api/topics/{topic}/events", _streams.HandleAsync, SubscribeQuery.Parameters);
        routes.Map("POST", "/api/sessions/{session}/ack", (context, grant) => _streams.SettleAsync(context, grant, giveBack: false));
        routes.Map("POST", "/api/sessions/{session}/nack", (context, grant) => _streams.SettleAsync(context, grant, giveBack: true));
        topics.Map(routes);
        routes.Document.Map(routes);
        new MetricsRoute(_broker, _metrics, _options.TopicMetrics).Map(routes);
        foreach (var part in _parts)
        {
            part.Map(routes);
        }

        return routes;
    }

    /// <summary>Around every request: what all answers carry, and what becomes of faults.</summary>
    private async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        WireMetrics.HttpRequests.Add(1);
        HttpHeaders.Set(context.Response.Headers);
        try
        {
            _access.CheckName(context);
            await next(context).ConfigureAwait(false);
            if (!context.Response.HasStarted && context.Response is { StatusCode: 404 or 405, ContentLength: null, ContentType: null })
            {
                await NothingHere(context).AnswerAsync(context).ConfigureAwait(false);
            }
        }
        catch (HttpFaultException fault)
        {
            await AnswerAsync(context, fault).ConfigureAwait(false);
        }
        catch (BrokerUnavailableException unavailable)
        {
            _log.BrokerUnavailable(unavailable.Message);
            await AnswerAsync(context, HttpFaultException.Unavailable(unavailable.Message)).ConfigureAwait(false);
        }
        catch (BadHttpRequestException bad)
        {
            var message = bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Errors.Fill(HttpErrors.BodyTooLong, $"{_options.MaxBodyBytes}")
                : bad.Message.TrimEnd('.');
            await AnswerAsync(context, new HttpFaultException(bad.StatusCode, message)).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
#pragma warning disable CA1031 // One request must never take the server with it; what it did is logged.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _log.ConnectionFailed(error);
            await AnswerAsync(context, new HttpFaultException(StatusCodes.Status500InternalServerError, "something went wrong here; the log says what")).ConfigureAwait(false);
        }
    }

    private static HttpFaultException NothingHere(HttpContext context) => context.Response.StatusCode == StatusCodes.Status404NotFound
        ? HttpFaultException.NotFound(HttpErrors.NothingHere)
        : new HttpFaultException(StatusCodes.Status405MethodNotAllowed, Errors.Fill(HttpErrors.OtherMethod, context.Request.Method, context.Response.Headers.Allow.ToString()));

    private static async Task AnswerAsync(HttpContext context, HttpFaultException fault)
    {
        if (context.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            context.Abort();
            return;
        }

        await fault.AnswerAsync(context).ConfigureAwait(false);
    }
}
