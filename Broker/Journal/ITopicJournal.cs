using System.Buffers;

namespace Rookery.Broker;

/// <summary>
/// The log of one topic, as the topic's shell sees it. A frame is what one commit wrote (<see cref="FrameHeader"/> and its
/// records). Its address grows with every append to the topic and stays valid until all of its bytes were released.
/// </summary>
public interface ITopicJournal
{
    /// <summary>
    /// Appends a sealed frame; completes with its address once it is durable. One append is outstanding at a time. What
    /// continues there may run on the thread that writes for every topic: it has to return soon.
    /// </summary>
    /// <exception cref="JournalException">
    /// The outcome is unknown. The topic must be discarded and recovered from what the journal replays.
    /// </exception>
    ValueTask<long> AppendAsync(ReadOnlyMemory<byte> frame);

    /// <summary>
    /// Reads back the records of a frame (without its header), checked. The topic takes what it is not given for lost: what may be
    /// readable later, the journal tries again.
    /// </summary>
    /// <exception cref="JournalException">The frame is damaged, or the journal is closed; the message says where.</exception>
    ValueTask<IMemoryOwner<byte>> ReadAsync(long address);

    /// <summary>
    /// Says that so many bytes of a frame are needed no more. When the whole frame is released its space may be given back;
    /// a journal may ask a topic to move what still lives in a sparse region (the shell's <c>Compact</c>). A topic does not
    /// remember what it released: when it is replayed its accounts begin anew, and it releases again what it does not need.
    /// </summary>
    void Release(long address, int bytes);
}

/// <summary>A journal could not write or read.</summary>
public sealed class JournalException : IOException
{
    /// <summary>Creates it with a message that names what failed and where.</summary>
    public JournalException(string message) : base(message)
    {
    }

    /// <summary>Creates it with a message that names what failed and where, and its cause.</summary>
    public JournalException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Creates it.</summary>
    public JournalException() : base("the journal failed")
    {
    }
}
