using System.Net;
using LaunchDarkly.EventSource;
using Rookery.Grains;

namespace Rookery.Silo;

/// <summary>
/// Streams of events through LaunchDarkly.EventSource. It connects again by itself, with back-off, from the last event id where
/// the server gives ids. A sink that does not come back holds up the reading of the socket.
/// </summary>
internal sealed class LaunchDarklyEventStream(EventStreamOptions options) : IEventStream
{
    public async Task RunAsync(Uri stream, string? lastEventId, IEventSink sink, CancellationToken cancellationToken)
    {
        using var handler = Handler();
        var configuration = Configuration.Builder(stream)
            .HttpMessageHandler(handler)
            .ResponseStartTimeout(options.ConnectTimeout)
            .ReadTimeout(options.StallTimeout)
            .InitialRetryDelay(options.BackOff.First)
            .MaxRetryDelay(options.BackOff.Longest)
            .BackoffResetThreshold(options.GoodAfter)
            .PreferDataAsUtf8Bytes(true);
        if (lastEventId is not null)
        {
            configuration.LastEventId(lastEventId);
        }

        using var source = new EventSource(configuration.Build());
        var run = new StreamRun(stream, sink, options);
        source.Opened += (_, _) => run.Opened();
        source.MessageReceived += (_, message) => run.Received(message.Message);
        source.Error += (_, error) => run.Failed(error.Exception);
        source.Closed += (_, _) => run.Ended();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cancelled = cancellationToken.Register(ended.SetResult).ConfigureAwait(false);
        var reading = Task.Run(source.StartAsync, CancellationToken.None);
        await Task.WhenAny(reading, ended.Task).ConfigureAwait(false);
        run.Stop();
        source.Close();

        // The pause before a new connection cannot be cut short: it ends later, and nothing comes of it.
        cancellationToken.ThrowIfCancellationRequested();
        await reading.ConfigureAwait(false);
    }

    private BoundedEvents Handler() => new(options.MaxEventBytes, new SocketsHttpHandler
    {
        // A redirect is an answer like another: not a stream.
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = options.ConnectTimeout,

        // A stream has no end to be read to before its connection is given up.
        ResponseDrainTimeout = TimeSpan.Zero,
    });
}
