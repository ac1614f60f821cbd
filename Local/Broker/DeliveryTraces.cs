using System.Diagnostics;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// Follows a few events to their subscribers: each delivery of one becomes <c>deliver</c> and the topic in the trace that
/// published it, as long as it waited. Of too many the oldest are forgotten, and each after half a minute.
/// </summary>
internal sealed class DeliveryTraces(TimeProvider time)
{
    private const int Most = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Queue<Followed> _followed = new();
    private volatile bool _any;

    /// <summary>Whether any event is followed: the look that everybody else pays.</summary>
    public bool Any => _any;

    /// <summary>Follows an event.</summary>
    public void Follow(TopicName topic, long sequence, ActivityContext trace)
    {
        if (!TweetTraces.Source.HasListeners())
        {
            return;
        }

        lock (_gate)
        {
            Forget(Most - 1);
            _followed.Enqueue(new Followed(topic, sequence, trace, time.GetTimestamp()));
            _any = true;
        }
    }

    /// <summary>Looks whether an event that is followed was among those delivered.</summary>
    public void Delivered(TopicName topic, ReadOnlySpan<Delivery> deliveries)
    {
        lock (_gate)
        {
            Forget(Most);
            foreach (var followed in _followed)
            {
                if (followed.Topic != topic)
                {
                    continue;
                }

                foreach (ref readonly var delivery in deliveries)
                {
                    if (delivery.Sequence == followed.Sequence)
                    {
                        Record(followed, in delivery);
                    }
                }
            }
        }
    }

    private static void Record(in Followed followed, in Delivery delivery)
    {
        var name = followed.Topic.ToString();
        using var activity = TweetTraces.Source.StartActivity(
            $"deliver {name}", ActivityKind.Producer, followed.Trace, startTime: DateTimeOffset.FromUnixTimeMilliseconds(delivery.PublishedAt));
        activity?.SetTag("messaging.system", TweetTraces.System).SetTag("messaging.operation.name", "deliver").SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", name).SetTag("rookery.delivery.tries", delivery.Tries);
    }

    private void Forget(int keep)
    {
        while (_followed.TryPeek(out var first) && (_followed.Count > keep || time.GetElapsedTime(first.Since) > Patience))
        {
            _followed.Dequeue();
        }

        _any = _followed.Count > 0;
    }

    private readonly record struct Followed(TopicName Topic, long Sequence, ActivityContext Trace, long Since);
}
