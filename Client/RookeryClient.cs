using System.Globalization;
using System.Text.Json;

namespace Rookery.Client;

/// <summary>
/// A client of the broker's line protocol over one TCP connection that it keeps up: publishes with confirms, many in flight;
/// subscriptions as async streams; acknowledgements sent together. Safe for any number of threads.
/// </summary>
/// <remarks>
/// Nothing queues without bound: what is received is bounded by each subscription's window, what is published by
/// <see cref="RookeryClientOptions.MaxUnconfirmed"/>. When another connection takes the client's name over, or the broker does not know its
/// token any more, it closes and does not come back: every call then ends with <see cref="TakenOverException"/> or <see cref="AccessDeniedException"/>.
/// A call whose token is cancelled ends with <see cref="OperationCanceledException"/>; what it asked for may have been done, unless it was not sent yet.
/// </remarks>
public sealed partial class RookeryClient : IAsyncDisposable
{
    private readonly CommandQueue _queue = new();
    private readonly PublishWindow _window;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private int _disposed;
    private int _listings;

    private RookeryClient(RookeryClientOptions options)
    {
        Options = options;
        _window = new PublishWindow(options.MaxUnconfirmed, options.MaxUnconfirmedBytes);
        _lastNumber = (options.FirstNumber > 0 ? options.FirstNumber : options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds() * 1000) - 1;
    }

    /// <summary>What it was made with.</summary>
    public RookeryClientOptions Options { get; }

    /// <summary>Connects to a broker. From then on the client reconnects by itself.</summary>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    /// <exception cref="RookeryConnectionException">There is no broker, or it did not answer in time.</exception>
    /// <exception cref="AccessDeniedException">The broker does not know the token, or asks for one.</exception>
    /// <exception cref="RookeryException">The broker refused this client; the message says why.</exception>
    public static async Task<RookeryClient> ConnectAsync(RookeryClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var connection = await LineConnection.OpenAsync(options, cancellationToken).ConfigureAwait(false);
        var client = new RookeryClient(options);
        client._longestLine = connection.LongestLine;
        client._running = Task.Run(() => client.RunAsync(connection), CancellationToken.None);
        return client;
    }

    /// <summary>Asks for a sign of life; the reply comes after those to all commands before.</summary>
    /// <returns>The time it took.</returns>
    /// <exception cref="RookeryConnectionException">The client gave up reconnecting.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async Task<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        var start = Options.TimeProvider.GetTimestamp();
        await AskAsync("ping", "pong", cancellationToken).ConfigureAwait(false);
        return Options.TimeProvider.GetElapsedTime(start);
    }

    /// <summary>The broker's topics, as it describes them.</summary>
    /// <exception cref="RookeryException">The broker refused to tell.</exception>
    /// <exception cref="RookeryConnectionException">The client gave up reconnecting.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async Task<JsonDocument> TopicsAsync(CancellationToken cancellationToken = default) =>
        JsonDocument.Parse(await AskAsync("topics", "ok topics", cancellationToken).ConfigureAwait(false));

    /// <summary>The broker's figures, or those of one topic, as it describes them.</summary>
    /// <exception cref="ArgumentException">The topic is none.</exception>
    /// <exception cref="RookeryException">The broker refused to tell.</exception>
    /// <exception cref="RookeryConnectionException">The client gave up reconnecting.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async Task<JsonDocument> StatsAsync(string? topic = null, CancellationToken cancellationToken = default)
    {
        if (topic is not null)
        {
            Lines.RequireTopic(topic);
        }

        var command = topic is null ? "stats" : $"stats {topic}";
        return JsonDocument.Parse(await AskAsync(command, "ok stats", cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Ends a topic: its events, dead letters, subscriptions and producers. Needs the right to administer it.</summary>
    /// <returns>The events it held.</returns>
    /// <exception cref="ArgumentException">The topic is none.</exception>
    /// <exception cref="RookeryException">There is no such topic, or the broker refused.</exception>
    /// <exception cref="RookeryConnectionException">
    /// The connection was lost before the reply, and the topic may have ended or not. It is not said again: the topic could be a new one by then.
    /// Or the client gave up reconnecting.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async Task<long> DropAsync(string topic, CancellationToken cancellationToken = default)
    {
        Lines.RequireTopic(topic);
        var held = await AskAsync($"drop {topic}", "ok drop ", cancellationToken, repeatable: false).ConfigureAwait(false);
        return Number(held);
    }

    /// <summary>The dead letters of a subscription, the oldest event first. Needs the right to administer the topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="subscription">Key of the subscription, as <see cref="StatsAsync"/> shows it, such as <c>client:alice</c>.</param>
    /// <param name="limit">The most that are told.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many there are, and the first of them as JSON objects.</returns>
    /// <exception cref="ArgumentException">The topic is none, or the limit is below 1.</exception>
    /// <exception cref="RookeryException">There is no such subscription, or the broker refused to tell.</exception>
    /// <exception cref="RookeryConnectionException">The client gave up reconnecting.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async Task<DeadLetters> DeadLettersAsync(string topic, string subscription, int limit = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var listing = new ListingCommand(Lines.DeadLetters("dead", topic, subscription, null, limit));
        Interlocked.Increment(ref _listings);
        try
        {
            var count = await AskAsync(listing, "ok dead ", cancellationToken).ConfigureAwait(false);
            return new DeadLetters(Number(count), listing.Listed);
        }
        finally
        {
            Interlocked.Decrement(ref _listings);
        }
    }

    /// <summary>Puts dead letters of a subscription back to what waits for it. Needs the right to administer the topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="subscription">Key of the subscription, as <see cref="StatsAsync"/> shows it.</param>
    /// <param name="sequence">Number of the event; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many.</returns>
    /// <exception cref="ArgumentException">The topic is none.</exception>
    /// <exception cref="NoSuchEventException">There is no such dead letter.</exception>
    /// <exception cref="RookeryException">There is no such subscription, or the broker refused.</exception>
    /// <exception cref="RookeryConnectionException">The connection was lost before the reply; it may have been done or not, and is not said again. Or the client gave up reconnecting.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public Task<long> ReplayAsync(string topic, string subscription, long? sequence = null, CancellationToken cancellationToken = default) =>
        SettleDeadAsync("replay", topic, subscription, sequence, cancellationToken);

    /// <summary>Drops dead letters of a subscription for good. Needs the right to administer the topic.</summary>
    /// <inheritdoc cref="ReplayAsync"/>
    public Task<long> DiscardAsync(string topic, string subscription, long? sequence = null, CancellationToken cancellationToken = default) =>
        SettleDeadAsync("discard", topic, subscription, sequence, cancellationToken);

    /// <summary>
    /// Sends what was acknowledged, waits up to <see cref="RookeryClientOptions.CloseTimeout"/> for the replies to all that is under way, and closes.
    /// Publishes without a reply then end with <see cref="UnknownOutcomeException"/>, enumerations end.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _running.ConfigureAwait(false);
            return;
        }

        var disposed = new ObjectDisposedException(nameof(RookeryClient));
        _queue.Refuse();
        _window.Close(disposed);
        await LastRepliesAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task LastRepliesAsync()
    {
        foreach (var subscription in Subscriptions())
        {
            subscription.SendAcks();
        }

        if (_queue.IsIdle)
        {
            return;
        }

        // Replies come in order: with this one all are here.
        var last = new TextCommand(Lines.Plain("ping"), repeatable: true);
        try
        {
            _queue.Add(last, closing: true);
            await last.Replied.WaitAsync(Options.CloseTimeout, Options.TimeProvider).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or RookeryException or ObjectDisposedException)
        {
            // What had no reply in time, or never will, is told so when the queue ends.
        }
    }

    private static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private async Task<long> SettleDeadAsync(string verb, string topic, string subscription, long? sequence, CancellationToken cancellationToken)
    {
        var command = new TextCommand(Lines.DeadLetters(verb, topic, subscription, sequence, null), repeatable: false);
        return Number(await AskAsync(command, $"ok {verb} ", cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Sends a command, again after a lost connection where it may be repeated, and returns what follows <paramref name="expected"/> in its reply.</summary>
    private Task<string> AskAsync(string command, string expected, CancellationToken cancellationToken, bool repeatable = true) =>
        AskAsync(new TextCommand(Lines.Plain(command), repeatable), expected, cancellationToken);

    private async Task<string> AskAsync(TextCommand command, string expected, CancellationToken cancellationToken)
    {
        _queue.Add(command);
        string reply;
        try
        {
            reply = await command.Replied.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _queue.TryAbandon(command);
            throw;
        }

        return reply.StartsWith(expected, StringComparison.Ordinal) ? reply[expected.Length..] : throw RookeryException.Of(reply);
    }
}
