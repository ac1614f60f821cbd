using System.Text.Json;

namespace Rookery.Client;

// Publishing: pipelined, confirmed, bounded.
public sealed partial class RookeryClient
{
    private long _lastNumber;

    /// <summary>
    /// Publishes an event and completes when the broker has stored it. Do not await one before the next where speed matters:
    /// up to <see cref="RookeryClientOptions.MaxUnconfirmed"/> may be under way, written together; beyond, this call waits.
    /// </summary>
    /// <param name="topic">The topic: 1 to 200 of <c>A-Z a-z 0-9 . _ - :</c>.</param>
    /// <param name="id">The publisher's id, 1 to 256 bytes.</param>
    /// <param name="json">The message as JSON, UTF-8; it must not change until this call completes.</param>
    /// <param name="options">Priority, time to live, number.</param>
    /// <param name="cancellationToken">Before the event is sent: it never is. After: only the wait ends, the event may be stored.</param>
    /// <exception cref="ArgumentException">A parameter is out of its bounds.</exception>
    /// <exception cref="UnknownOutcomeException">
    /// The broker could not tell whether it is stored; or it was sent, and there is no reply: the connection was lost and the client has no
    /// <see cref="RookeryClientOptions.Producer"/>, or the client was disposed or gave up reconnecting.
    /// </exception>
    /// <exception cref="RookeryConnectionException">The client gave up reconnecting before it was sent.</exception>
    /// <exception cref="RookeryException">
    /// The broker refused the event; the message says why. Or the event would make a longer line than it reads, and was not sent: for such
    /// a line it would close the connection.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before it was sent.</exception>
    public async ValueTask<PublishReceipt> PublishAsync(
        string topic, string id, ReadOnlyMemory<byte> json, PublishOptions options = default, CancellationToken cancellationToken = default)
    {
        Lines.RequireTopic(topic);
        ArgumentException.ThrowIfNullOrEmpty(id);
        options.Validate();
        if (options.Number > 0 && Options.Producer is null)
        {
            throw new ArgumentException("Number is set; that needs a Producer in the client's options", nameof(options));
        }

        if (json.IsEmpty)
        {
            throw new ArgumentException("the message is empty; it must be JSON", nameof(json));
        }

        await _window.EnterAsync(PendingPublish.Weight(topic, id, json.Length), cancellationToken).ConfigureAwait(false);
        var publish = new PendingPublish(_window, topic, id, json.Span, options);
        try
        {
            _queue.Add(publish, added => Close(added, options.Number));
        }
        catch
        {
            publish.Release();
            throw;
        }

        return cancellationToken.CanBeCanceled
            ? await WaitAsync(publish, cancellationToken).ConfigureAwait(false)
            : await publish.Receipt.ConfigureAwait(false);
    }

    /// <summary>Publishes a text as a JSON string; see <see cref="PublishAsync(string, string, ReadOnlyMemory{byte}, PublishOptions, CancellationToken)"/>.</summary>
    public ValueTask<PublishReceipt> PublishTextAsync(
        string topic, string id, string text, PublishOptions options = default, CancellationToken cancellationToken = default) =>
        PublishAsync(topic, id, JsonSerializer.SerializeToUtf8Bytes(text, ClientJson.Relaxed.String), options, cancellationToken);

    /// <summary>Publishes a value as JSON; see <see cref="PublishAsync(string, string, ReadOnlyMemory{byte}, PublishOptions, CancellationToken)"/>.</summary>
    /// <exception cref="NotSupportedException">The value cannot be written as JSON.</exception>
    public ValueTask<PublishReceipt> PublishValueAsync<T>(
        string topic, string id, T value, PublishOptions options = default, JsonSerializerOptions? json = null, CancellationToken cancellationToken = default) =>
        PublishAsync(topic, id, JsonSerializer.SerializeToUtf8Bytes(value, json), options, cancellationToken);

    private async Task<PublishReceipt> WaitAsync(PendingPublish publish, CancellationToken cancellationToken)
    {
        try
        {
            return await publish.Receipt.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_queue.TryAbandon(publish))
        {
            publish.Release();
            throw;
        }
    }

    // Called in the order of the queue, which is what makes the numbers grow on the wire. One that is refused uses none up.
    private void Close(PendingPublish publish, long given)
    {
        var number = Options.Producer is null ? 0 : given > 0 ? given : _lastNumber + 1;
        publish.Close(number, Volatile.Read(ref _longestLine));
        _lastNumber = Math.Max(_lastNumber, number);
    }
}
