namespace Rookery.Wire;

/// <summary>
/// Divides half of the outgoing bytes of a connection among its subscriptions, the other half is for replies: each gets the
/// credit it may have while there is some left, and then <see cref="Least"/>. All of it under the gate of the send queue.
/// </summary>
internal sealed class SubscriptionShares(WireOptions options)
{
    /// <summary>What a subscription gets at least, in bytes: a few dozen events of usual size.</summary>
    public const int Least = 8 * 1024;

    private int _count;
    private long _reserved;

    /// <summary>Reserves a share for a subscription about to be made, or kept; false where there are too many.</summary>
    public bool TryReserve(TopicState topic)
    {
        if (topic.Credit > 0)
        {
            return true;
        }

        if (_count == options.MaxSubscriptions)
        {
            return false;
        }

        var most = Math.Max(Least, options.SubscriptionCredit);
        topic.Credit = Math.Clamp((options.MaxPendingOutput / 2) - _reserved, Least, most);
        _reserved += topic.Credit;
        _count++;
        return true;
    }

    /// <summary>
    /// The subscription was made, by the batch with this ordinal. Where its share was given back meanwhile (an earlier
    /// <c>unsub</c>), it is reserved again.
    /// </summary>
    public void Made(TopicState topic, long ordinal)
    {
        topic.MadeAt = ordinal;
        if (!topic.Subscribed)
        {
            topic.Subscribed = true;
            TryReserve(topic);
        }
    }

    /// <summary>The subscription could not be made.</summary>
    public void Refused(TopicState topic)
    {
        if (!topic.Subscribed)
        {
            Release(topic);
        }
    }

    /// <summary>The subscription ended: of those made by batches with ordinals up to this one, the last.</summary>
    public void Ended(TopicState topic, long made = long.MaxValue)
    {
        topic.Epoch++;
        topic.Owed = 0;
        if (made >= topic.MadeAt)
        {
            topic.Subscribed = false;
            Release(topic);
        }
    }

    private void Release(TopicState topic)
    {
        if (topic.Credit > 0)
        {
            _reserved -= topic.Credit;
            _count--;
            topic.Credit = 0;
        }
    }
}
