using System.Buffers.Text;
using System.Text;

namespace Rookery.Bench;

/// <summary>What both NATS clients do: greet, ask the JetStream API, and find the parts of a message.</summary>
internal static class Nats
{
    public static ByteChannel Connect(int port)
    {
        var channel = ByteChannel.Connect(port);
        channel.ReadLine();
        channel.Ask("CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true}\r\nPING\r\n", "PONG");
        return channel;
    }

    /// <summary>Asks the API and waits for its answer.</summary>
    public static void Api(ByteChannel channel, string subject, string json)
    {
        channel.Ask($"SUB api 9\r\nPUB $JS.API.{subject} api {json.Length}\r\n{json}\r\n", "MSG api 9");
        var answer = channel.ReadLine();
        if (answer.Contains("\"error\"", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{subject}: {answer}");
        }

        channel.Append("UNSUB 9\r\n").Flush();
    }

    /// <summary>The size of the first message of the input with its line; 0 where it is not whole. Answers the server's PING.</summary>
    public static int Message(ByteChannel channel, out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var input = channel.Input;
            var end = input.IndexOf((byte)'\n') + 1;
            line = input[..Math.Max(0, end - 2)];
            if (end == 0)
            {
                return 0;
            }

            if (input[0] == 'M')
            {
                var digits = line[(line.LastIndexOf((byte)' ') + 1)..];
                var size = Utf8Parser.TryParse(digits, out int payload, out _) ? end + payload + 2 : int.MaxValue;
                return size <= input.Length ? size : 0;
            }

            if (!line.SequenceEqual("PING"u8))
            {
                throw new InvalidOperationException($"unexpected: {Encoding.UTF8.GetString(line)}");
            }

            channel.Consume(end);
            channel.Append("PONG\r\n"u8).Flush();
        }
    }
}

/// <summary>Publishes to a stream and counts its acknowledgements.</summary>
internal sealed class NatsPublisher : Publisher
{
    private readonly string _subject;

    public NatsPublisher(int port, string subject)
        : base(Nats.Connect(port))
    {
        _subject = subject;
        Channel.Append("SUB r 1\r\n").Flush();
    }

    protected override byte[] Command(int index) => Encoding.ASCII.GetBytes($"PUB {_subject} r {EventBytes}\r\n{Payload(EventBytes)}\r\n");

    protected override int Confirmed()
    {
        var count = 0;
        for (int size; (size = Nats.Message(Channel, out var line)) > 0; count++)
        {
            if (Channel.Input[..size].IndexOf("\"error\""u8) >= 0)
            {
                throw new InvalidOperationException($"unexpected: {Encoding.UTF8.GetString(Channel.Input[..size])}");
            }

            Channel.Consume(size);
        }

        return count;
    }
}

/// <summary>A durable pull consumer: one long pull, kept to its window by <c>max_ack_pending</c>; an acknowledgement per message.</summary>
internal sealed class NatsSubscriber : Subscriber
{
    private const int Pull = 1_000_000;
    private readonly string _next;
    private int _left;

    public NatsSubscriber(int port, string stream, string consumer)
        : base(Nats.Connect(port))
    {
        var config = $$$"""{"stream_name":"{{{stream}}}","config":{"durable_name":"{{{consumer}}}","ack_policy":"explicit","max_ack_pending":{{{Window}}},"deliver_policy":"all"}}""";
        Nats.Api(Channel, $"CONSUMER.DURABLE.CREATE.{stream}.{consumer}", config);
        var request = $$"""{"batch":{{Pull}}}""";
        _next = $"PUB $JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer} in {request.Length}\r\n{request}\r\n";
        Channel.Append("SUB in 1\r\n").Append(_next).Flush();
        _left = Pull;
    }

    protected override int Take()
    {
        var count = 0;
        for (int size; (size = Nats.Message(Channel, out var line)) > 0; count++)
        {
            // MSG <subject> <sid> <reply> <bytes>
            var reply = line[..line.LastIndexOf((byte)' ')];
            reply = reply[(reply.LastIndexOf((byte)' ') + 1)..];
            Channel.Append("PUB "u8).Append(reply).Append(" 0\r\n\r\n"u8);
            Channel.Consume(size);
        }

        _left -= count;
        if (_left < Window)
        {
            Channel.Append(_next);
            _left += Pull;
        }

        return count;
    }
}
