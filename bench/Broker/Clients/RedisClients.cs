using System.Buffers.Text;
using System.Text;

namespace Rookery.Bench;

/// <summary>XADD, pipelined.</summary>
internal sealed class RedisPublisher(int port, string stream) : Publisher(ByteChannel.Connect(port))
{
    private int _lines;

    protected override byte[] Command(int index) => Resp.Command("XADD", stream, "*", "d", Payload(EventBytes));

    // Each reply is an id of two lines.
    protected override int Confirmed()
    {
        _lines += Lines(_lines == 0 ? "$"u8 : ""u8);
        var whole = _lines / 2;
        _lines %= 2;
        return whole;
    }
}

/// <summary>XREADGROUP by half windows, two under way, and XACK of many ids.</summary>
internal sealed class RedisSubscriber : Subscriber
{
    private const int Half = Window / 2;
    private static readonly byte[] EntryTail = Encoding.ASCII.GetBytes($"*2\r\n$1\r\nd\r\n${Publisher.EventBytes}\r\n");

    private readonly byte[] _read;
    private readonly byte[] _ackTail;
    private readonly List<byte> _ids = [];
    private int _entries;
    private int _acknowledge;

    public RedisSubscriber(int port, string stream, string group)
        : base(ByteChannel.Connect(port))
    {
        Channel.Append(Resp.Command("XGROUP", "CREATE", stream, group, "0", "MKSTREAM"));
        Channel.Ask("", "+OK");
        _read = Resp.Command("XREADGROUP", "GROUP", group, "c", "COUNT", $"{Half}", "BLOCK", "0", "STREAMS", stream, ">");
        _ackTail = Encoding.ASCII.GetBytes($"$4\r\nXACK\r\n${stream.Length}\r\n{stream}\r\n${group.Length}\r\n{group}\r\n");
        Channel.Append(_read).Append(_read).Flush();
    }

    protected override int Take()
    {
        var taken = 0;
        while (true)
        {
            var input = Channel.Input;
            if (_entries == 0)
            {
                if (!TakeHeader(input))
                {
                    return taken;
                }

                input = Channel.Input;
            }

            // *2, then the id with its length, then the field and its value.
            var size = EntrySize(input, out var idAndLength);
            if (size == 0 || input.Length < size)
            {
                return taken;
            }

            _ids.AddRange(input.Slice(4, idAndLength));
            Channel.Consume(size);
            taken++;
            _acknowledge++;
            if (--_entries == 0)
            {
                Channel.Append("*"u8).Append(3 + _acknowledge).Append("\r\n"u8).Append(_ackTail)
                    .Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids)).Append(_read);
                _ids.Clear();
                _acknowledge = 0;
            }
        }
    }

    private static int EntrySize(ReadOnlySpan<byte> input, out int idAndLength)
    {
        idAndLength = 0;
        if (input.Length < 8 || !Utf8Parser.TryParse(input[5..], out int length, out var digits))
        {
            return 0;
        }

        idAndLength = 1 + digits + 2 + length + 2;
        return 4 + idAndLength + EntryTail.Length + Publisher.EventBytes + 2;
    }

    /// <summary>What stands before the entries: the acknowledgement's count, then one stream with its name and its entries.</summary>
    private bool TakeHeader(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return false;
        }

        var lines = input[0] == ':' ? 1 : 5;
        var at = 0;
        var last = 0;
        for (var i = 0; i < lines; i++)
        {
            var end = input[at..].IndexOf((byte)'\n');
            if (end < 0)
            {
                return false;
            }

            last = at;
            at += end + 1;
        }

        if (input[0] is not ((byte)':' or (byte)'*'))
        {
            throw new InvalidOperationException($"unexpected: {Encoding.UTF8.GetString(input[..at])}");
        }

        if (lines == 1)
        {
            Channel.Consume(at);
            return TakeHeader(Channel.Input);
        }

        if (!Utf8Parser.TryParse(input[(last + 1)..], out _entries, out _))
        {
            throw new InvalidOperationException($"unexpected: {Encoding.UTF8.GetString(input[..at])}");
        }

        Channel.Consume(at);
        return true;
    }
}

/// <summary>Redis' way to write commands.</summary>
internal static class Resp
{
    public static byte[] Command(params string[] words) =>
        Encoding.ASCII.GetBytes($"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n")));
}
