using System.Buffers.Text;
using System.Text;

namespace Rookery.Bench;

/// <summary>One publisher of a protocol: its commands lie ready as bytes, and what comes back is only counted.</summary>
internal abstract class Publisher(ByteChannel channel) : IDisposable
{
    /// <summary>Bytes of an event.</summary>
    public const int EventBytes = 256;

    /// <summary>Most publishes without their confirmation.</summary>
    public const int Window = 2_000;

    private static readonly byte[] Mark = "TS="u8.ToArray();

    private byte[] _block = [];
    private int _size;
    private int _stamp;
    private int _next;

    /// <summary>Whether the server confirms; where it does not, the socket alone holds the publisher back.</summary>
    public virtual bool Confirms => true;

    protected ByteChannel Channel => channel;

    /// <summary>The payload: a mark, sixteen digits that a measurement of latency fills in, and letters.</summary>
    public static string Payload(int bytes) => "TS=0000000000000000" + new string('x', bytes - 19);

    /// <summary>The events found in received bytes by their mark, and the times in them.</summary>
    public static void Times(ReadOnlySpan<byte> bytes, Action<long> take)
    {
        for (int at; (at = bytes.IndexOf(Mark)) >= 0;)
        {
            if (Utf8Parser.TryParse(bytes.Slice(at + Mark.Length, 16), out long time, out _, 'x'))
            {
                take(time);
            }

            bytes = bytes[(at + Mark.Length)..];
        }
    }

    /// <summary>Sends as many as <paramref name="count"/> events.</summary>
    public void Send(int count)
    {
        Ready();
        while (count > 0)
        {
            var some = Math.Min(count, Window - _next);
            channel.Send(_block.AsSpan(_next * _size, some * _size));
            _next = (_next + some) % Window;
            count -= some;
        }
    }

    /// <summary>Sends events that carry a time.</summary>
    public void SendStamped(int count, long time)
    {
        Ready();
        Span<byte> digits = stackalloc byte[16];
        Utf8Formatter.TryFormat(time, digits, out _, new System.Buffers.StandardFormat('x', 16));
        for (var i = 0; i < count; i++)
        {
            var command = _block.AsSpan(_next * _size, _size);
            digits.CopyTo(command[_stamp..]);
            channel.Append(command);
            _next = (_next + 1) % Window;
        }

        channel.Flush();
    }

    /// <summary>Waits for input, and counts the confirmations in it.</summary>
    public int Receive()
    {
        channel.Receive();
        return Confirmed();
    }

    /// <summary>Counts the confirmations that are there, without waiting.</summary>
    public int Poll() => channel.HasMore ? Receive() : 0;

    public virtual void Dispose() => channel.Dispose();

    /// <summary>The command that publishes an event; the same number of bytes for every index.</summary>
    protected abstract byte[] Command(int index);

    /// <summary>Counts and consumes the confirmations in the input.</summary>
    protected abstract int Confirmed();

    /// <summary>Consumes whole lines.</summary>
    /// <returns>How many.</returns>
    protected int Lines(ReadOnlySpan<byte> start)
    {
        var input = channel.Input;
        var end = input.LastIndexOf((byte)'\n') + 1;
        if (end > 0 && !input.StartsWith(start))
        {
            throw new InvalidOperationException($"unexpected: {Encoding.UTF8.GetString(input[..Math.Min(end, 200)])}");
        }

        var count = input[..end].Count((byte)'\n');
        channel.Consume(end);
        return count;
    }

    /// <summary>Makes the commands, so that no clock counts that.</summary>
    public void Ready()
    {
        if (_block.Length > 0)
        {
            return;
        }

        _block = [.. Enumerable.Range(0, Window).SelectMany(Command)];
        _size = _block.Length / Window;
        _stamp = _block.AsSpan().IndexOf(Mark) + Mark.Length;
    }
}
