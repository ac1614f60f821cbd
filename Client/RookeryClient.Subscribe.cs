namespace Rookery.Client;

// Subscriptions: one per topic, kept over reconnects.
public sealed partial class RookeryClient
{
    private readonly Lock _subscriptionsGate = new();
    private readonly Dictionary<string, Subscription> _subscriptions = new(StringComparer.Ordinal);
    private int _epoch;

    /// <summary>Subscribes to a topic and completes when the broker has the subscription; enumerate it to receive.</summary>
    /// <param name="topic">The topic: 1 to 200 of <c>A-Z a-z 0-9 . _ - :</c>.</param>
    /// <param name="options">How; default: a window of 256, what is published from now on, automatic acknowledgement.</param>
    /// <param name="cancellationToken">Ends the wait, and the subscription with it.</param>
    /// <exception cref="ArgumentException">The topic is none, or an option is out of its bounds.</exception>
    /// <exception cref="InvalidOperationException">This client has a subscription to the topic.</exception>
    /// <exception cref="RookeryException">The broker refused it; the message says why.</exception>
    /// <exception cref="RookeryConnectionException">The client gave up reconnecting.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async Task<Subscription> SubscribeAsync(string topic, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        Lines.RequireTopic(topic);
        options ??= new SubscribeOptions();
        options.Validate();
        Subscription subscription;
        lock (_subscriptionsGate)
        {
            if (_subscriptions.ContainsKey(topic))
            {
                throw new InvalidOperationException($"this client has a subscription to {topic} already");
            }

            subscription = new Subscription(this, topic, options, _epoch);
            _subscriptions.Add(topic, subscription);
        }

        var pending = new PendingSubscribe(subscription, subscription.FirstLine(), first: true);
        try
        {
            _queue.Add(pending);
            await pending.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
            return subscription;
        }
        catch (OperationCanceledException) when (!_queue.TryAbandon(pending))
        {
            // The broker has it, or is about to.
            _ = EndOnBroker(subscription);
            throw;
        }
        catch
        {
            subscription.End(null);
            throw;
        }
    }

    internal async Task UnsubscribeAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        subscription.SendAcks();
        await EndOnBroker(subscription).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    internal async Task NackAsync(string topic, long sequence, long delayMs, CancellationToken cancellationToken)
    {
        var nack = new TextCommand(Lines.Plain(delayMs > 0 ? $"nack {topic} #{sequence} {delayMs}" : $"nack {topic} #{sequence}"), repeatable: false);
        _queue.Add(nack);
        string reply;
        try
        {
            reply = await nack.Replied.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RookeryConnectionException)
        {
            // The broker took the event back with the connection.
            return;
        }

        // Not in flight any more: its lease ran out first, which is what was wanted.
        if (!reply.StartsWith("returned", StringComparison.Ordinal) && Lines.NoSuchEvent(reply) is null)
        {
            throw RookeryException.Of(reply);
        }
    }

    internal void Acknowledge(Subscription subscription) => _queue.Acknowledge(subscription);

    internal void Remove(Subscription subscription)
    {
        lock (_subscriptionsGate)
        {
            if (_subscriptions.TryGetValue(subscription.Topic, out var present) && ReferenceEquals(present, subscription))
            {
                _subscriptions.Remove(subscription.Topic);
            }
        }
    }

    private async Task EndOnBroker(Subscription subscription)
    {
        var unsubscribe = new TextCommand(Lines.Plain($"unsub {subscription.Topic}"), repeatable: true);
        _queue.Add(unsubscribe);
        var reply = await unsubscribe.Replied.ConfigureAwait(false);
        subscription.End(null);

        // After a reconnect the first attempt may have done it, or the connection's end.
        if (!reply.StartsWith("successfully", StringComparison.Ordinal) && !Lines.IsNotSubscribed(reply))
        {
            throw RookeryException.Of(reply);
        }
    }

    private Subscription[] Subscriptions()
    {
        lock (_subscriptionsGate)
        {
            return [.. _subscriptions.Values];
        }
    }

    private Subscription? Find(ReadOnlySpan<byte> topic)
    {
        Span<char> name = stackalloc char[256];
        if (topic.Length > name.Length)
        {
            return null;
        }

        for (var i = 0; i < topic.Length; i++)
        {
            name[i] = (char)topic[i];
        }

        lock (_subscriptionsGate)
        {
            return _subscriptions.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..topic.Length], out var found) ? found : null;
        }
    }
}
