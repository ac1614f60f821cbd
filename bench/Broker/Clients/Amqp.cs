using System.Buffers.Binary;
using System.Text;

namespace Rookery.Bench;

/// <summary>As much of AMQP 0-9-1 as a benchmark needs, byte by byte.</summary>
internal static class Amqp
{
    public const int Overhead = 8;
    private const byte FrameEnd = 0xCE;

    public static ByteChannel Connect(int port)
    {
        var channel = ByteChannel.Connect(port);
        channel.Send("AMQP\0\0\x09\x01"u8);
        Expect(channel, 10, 10);
        channel.Send(Method(0, 10, 11, [.. Table(), .. Short("PLAIN"), .. Long("\0guest\0guest"), .. Short("en_US")]));
        Expect(channel, 10, 30);
        channel.Send(Method(0, 10, 31, [.. Number16(2047), .. Number32(131_072), .. Number16(0)]));
        channel.Send(Method(0, 10, 40, [.. Short("/"), 0, 0]));
        Expect(channel, 10, 41);
        Call(channel, 20, 10, [0], 11);
        return channel;
    }

    /// <summary>Sends a method on channel 1 and waits for its answer.</summary>
    public static void Call(ByteChannel channel, ushort family, ushort method, byte[] arguments, ushort answer)
    {
        channel.Send(Method(1, family, method, arguments));
        Expect(channel, family, answer);
    }

    /// <summary>A durable queue with priorities, bound to a fan-out exchange.</summary>
    public static void DeclareQueue(ByteChannel channel, string exchange, string queue)
    {
        DeclareExchange(channel, exchange);
        byte[] priorities = [.. Short("x-max-priority"), (byte)'I', .. Number32(10)];
        Call(channel, 50, 10, [0, 0, .. Short(queue), 0b10, .. Number32((uint)priorities.Length), .. priorities], 11);
        Call(channel, 50, 20, [0, 0, .. Short(queue), .. Short(exchange), .. Short(""), 0, .. Table()], 21);
    }

    public static void DeclareExchange(ByteChannel channel, string exchange) =>
        Call(channel, 40, 10, [0, 0, .. Short(exchange), .. Short("fanout"), 0b10, .. Table()], 11);

    public static byte[] Publish(string exchange, string body) =>
    [
        .. Method(1, 60, 40, [0, 0, .. Short(exchange), .. Short(""), 0]),
        .. Frame(2, 1, [.. Number16(60), 0, 0, .. Number64((ulong)body.Length), .. Number16(0x1800), 2, 0]),
        .. Frame(3, 1, Encoding.ASCII.GetBytes(body)),
    ];

    public static byte[] Method(ushort channel, ushort family, ushort method, byte[] arguments) =>
        Frame(1, channel, [.. Number16(family), .. Number16(method), .. arguments]);

    public static byte[] Short(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    /// <summary>The size of the first frame of the input; 0 where it is not whole.</summary>
    public static int FrameSize(ReadOnlySpan<byte> input)
    {
        if (input.Length < Overhead)
        {
            return 0;
        }

        var size = Overhead + (int)BinaryPrimitives.ReadUInt32BigEndian(input[3..]);
        return size <= input.Length ? size : 0;
    }

    /// <summary>Whether a frame is this method.</summary>
    public static bool Is(ReadOnlySpan<byte> frame, ushort family, ushort method) => frame[0] == 1
        && BinaryPrimitives.ReadUInt16BigEndian(frame[7..]) == family && BinaryPrimitives.ReadUInt16BigEndian(frame[9..]) == method;

    public static Exception Unexpected(ReadOnlySpan<byte> frame) =>
        new InvalidOperationException($"unexpected frame: {Encoding.ASCII.GetString(frame[..Math.Min(frame.Length, 200)])}");

    private static void Expect(ByteChannel channel, ushort family, ushort method)
    {
        int size;
        while ((size = FrameSize(channel.Input)) == 0)
        {
            channel.Receive();
        }

        if (!Is(channel.Input, family, method))
        {
            throw Unexpected(channel.Input[..size]);
        }

        channel.Consume(size);
    }

    private static byte[] Frame(byte type, ushort channel, byte[] payload) =>
        [type, .. Number16(channel), .. Number32((uint)payload.Length), .. payload, FrameEnd];

    private static byte[] Table() => Number32(0);

    private static byte[] Long(string text) => [.. Number32((uint)text.Length), .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Number16(ushort value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Number32(uint value) => [.. Number16((ushort)(value >> 16)), .. Number16((ushort)value)];

    private static byte[] Number64(ulong value) => [.. Number32((uint)(value >> 32)), .. Number32((uint)value)];
}
