namespace Rookery.Bench;

/// <summary>One subscriber of a protocol: counts events and acknowledges them explicitly, in batches as the protocol allows.</summary>
internal abstract class Subscriber(ByteChannel channel) : IDisposable
{
    /// <summary>Most events it has and did not acknowledge.</summary>
    public const int Window = 1_000;

    /// <summary>Events acknowledged together, where the protocol can.</summary>
    protected const int AckEvery = Window / 4;

    protected ByteChannel Channel => channel;

    /// <summary>Told the bytes of what was received, for a measurement of latency.</summary>
    public Action<ReadOnlySpan<byte>>? Watch { get; set; }

    /// <summary>Waits for input and takes the events in it.</summary>
    /// <returns>How many.</returns>
    public int Receive()
    {
        channel.Receive();
        var before = channel.Input;
        var count = Take();
        Watch?.Invoke(before[..(before.Length - channel.Input.Length)]);
        channel.Flush();
        return count;
    }

    /// <summary>Acknowledges what is left.</summary>
    public virtual void Finish()
    {
    }

    public virtual void Dispose() => channel.Dispose();

    /// <summary>Counts and consumes the whole events in the input, and appends their acknowledgements.</summary>
    protected abstract int Take();
}
