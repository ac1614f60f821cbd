using System.Diagnostics.CodeAnalysis;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// What is remembered of topics that were given back: of as many as there may be topics, and no longer than of an unused
/// subscription. The frame that says it is only released when no older segment has frames of the topic, which would bring it
/// back after a restart, and the topic is only forgotten when the frame's own segment is gone too. For one caller at a time.
/// </summary>
internal sealed class RestingTopics(BrokerLimits limits)
{
    private readonly Dictionary<TopicName, LinkedListNode<Rest>> _byName = [];
    private readonly LinkedList<Rest> _byAge = new();
    private int _held;

    /// <summary>How many are remembered.</summary>
    public int Count => _byName.Count;

    /// <summary>Remembers a topic.</summary>
    public void Add(RestingTopic topic, TopicJournal log, SharedJournal journal, long now)
    {
        var node = _byAge.AddLast(new Rest(topic, log));
        _byName.Add(log.Topic, node);
        _held++;
        Release(node.Value, journal, now);
        if (_byAge.First is { } oldest)
        {
            Release(oldest.Value, journal, now);
        }
    }

    /// <summary>Takes out what is remembered of a topic that is used again.</summary>
    public bool TryTake(TopicName name, [NotNullWhen(true)] out Rest? rest)
    {
        rest = null;
        if (_byName.Remove(name, out var node))
        {
            rest = node.Value;
            _byAge.Remove(node);
            _held -= rest.IsHeld ? 1 : 0;
        }

        return rest is not null;
    }

    /// <summary>Whether the journal holds a frame of a topic there that has to be moved; one that need not be kept is released.</summary>
    public bool IsAt(TopicName name, long from, long to, SharedJournal journal, long now)
    {
        if (!_byName.TryGetValue(name, out var node) || node.Value is not { IsHeld: true } rest || rest.Topic.Address < from || rest.Topic.Address >= to)
        {
            return false;
        }

        Release(rest, journal, now);
        return rest.IsHeld;
    }

    /// <summary>Segments are gone: forgets what was released, and releases what may be.</summary>
    public void Sweep(SharedJournal journal, long now)
    {
        for (var node = _byAge.First; node is not null;)
        {
            var (next, rest) = (node.Next, node.Value);
            Release(rest, journal, now);
            if (!rest.IsHeld && !journal.HasSegment(rest.Log.FirstSegment, rest.Segment))
            {
                _byAge.Remove(node);
                _byName.Remove(rest.Log.Topic);
                journal.Forget(rest.Log);
            }

            node = next;
        }
    }

    public void Clear()
    {
        _byName.Clear();
        _byAge.Clear();
        _held = 0;
    }

    private void Release(Rest rest, SharedJournal journal, long now)
    {
        var isDue = !rest.Topic.HasPast || _held > limits.MaxTopics
            || rest.Topic.UsedAt + (long)limits.UnusedSubscription.TotalMilliseconds <= now;
        if (rest.IsHeld && isDue && !journal.HasSegment(rest.Log.FirstSegment, rest.Segment - 1))
        {
            rest.IsHeld = false;
            _held--;
            rest.Log.Release(rest.Topic.Address, rest.Topic.Bytes);
        }
    }

    /// <summary>A topic at rest.</summary>
    internal sealed class Rest(RestingTopic topic, TopicJournal log)
    {
        public RestingTopic Topic => topic;

        public TopicJournal Log => log;

        /// <summary>Segment of its frame.</summary>
        public int Segment => FrameAddress.SegmentOf(topic.Address);

        /// <summary>Whether its frame has not been released.</summary>
        public bool IsHeld { get; set; } = true;
    }
}
