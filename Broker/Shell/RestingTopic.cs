namespace Rookery.Broker;

/// <summary>
/// What is left of a topic that was given back: the number of its last event and its producers, as a snapshot that its log
/// ends with. A host that keeps it hands it to <see cref="TopicShell.Resume"/> when the topic is used again.
/// </summary>
public sealed class RestingTopic
{
    internal RestingTopic(Topic topic, in FrameSlot frame)
    {
        (Address, Bytes, UsedAt, HasPast) = (frame.Address, (int)frame.Held, topic.UsedAt, topic.HasPast);
        var batch = new RecordBatch(topic.Name);
        batch.Begin(slot: 0, topic.NextSequence, topic.LastTime);
        batch.Snapshot(topic);
        Records = batch.Seal()[FrameHeader.ReserveFor(topic.Name)..].ToArray();
        batch.Discard();
    }

    /// <summary>Address of the one frame that its log still needs.</summary>
    public long Address { get; }

    /// <summary>Bytes of that frame that are not released.</summary>
    public int Bytes { get; }

    /// <summary>When it was used last, in milliseconds since 1970 (UTC).</summary>
    public long UsedAt { get; }

    /// <summary>False: it had neither events nor producers, and nobody misses it.</summary>
    public bool HasPast { get; }

    /// <summary>What it was when it was given back.</summary>
    public ReadOnlyMemory<byte> Records { get; }
}
