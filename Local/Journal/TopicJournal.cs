using System.Buffers;
using System.Threading.Tasks.Sources;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// One topic's view of the shared journal, and at the same time the place of its one outstanding append in the queue of the
/// writer: appending allocates nothing, and the queue is never longer than there are topics.
/// </summary>
internal sealed class TopicJournal(TopicName topic, SharedJournal journal) : ITopicJournal, IValueTaskSource<long>
{
    // Continuations run on the writer's thread, and must not hold it up: a shell's puts the rest into the mailbox.
    private ManualResetValueTaskSourceCore<long> _completion;
    private int _outstanding;

    public TopicName Topic => topic;

    /// <summary>Number of the first segment that has frames of the topic, as far as this journal knows; 0: none.</summary>
    public int FirstSegment { get; set; }

    /// <summary>The next in the queue of the writer.</summary>
    public TopicJournal? Next { get; set; }

    /// <summary>What waits to be written.</summary>
    public ReadOnlyMemory<byte> Frame { get; private set; }

    /// <summary>Where it was written.</summary>
    public long Address { get; set; }

    /// <inheritdoc/>
    public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> frame)
    {
        if (frame.Length - FrameHeader.ReserveFor(topic) > FrameHeader.MaxRecordBytes)
        {
            // It would be confirmed, and count as damage when it is read back.
            throw new JournalException($"a frame of topic {topic} has {frame.Length:N0} bytes; {FrameHeader.MaxRecordBytes:N0} is the most");
        }

        if (Interlocked.Exchange(ref _outstanding, 1) != 0)
        {
            throw new InvalidOperationException($"topic {topic} has an append outstanding; one is allowed at a time");
        }

        _completion.Reset();
        Frame = frame;
        var result = new ValueTask<long>(this, _completion.Version);
        journal.Submit(this);
        return result;
    }

    /// <inheritdoc/>
    public ValueTask<IMemoryOwner<byte>> ReadAsync(long address) => journal.Readers.ReadAsync(topic, address);

    /// <inheritdoc/>
    public void Release(long address, int bytes) => journal.Release(this, address, bytes);

    /// <summary>The frame is stored.</summary>
    public void Complete()
    {
        Frame = default;
        _completion.SetResult(Address);
    }

    /// <summary>Nobody knows whether the frame is stored.</summary>
    public void Fail(JournalException exception)
    {
        Frame = default;
        _completion.SetException(exception);
    }

    long IValueTaskSource<long>.GetResult(short token)
    {
        try
        {
            return _completion.GetResult(token);
        }
        finally
        {
            Volatile.Write(ref _outstanding, 0);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<long>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);
}
