using System.Text;

namespace Rookery.Bench;

/// <summary>The line protocol, with <c>confirm</c>.</summary>
internal sealed class RookeryPublisher : Publisher
{
    private readonly string[] _topics;

    public RookeryPublisher(int port, params string[] topics)
        : base(ByteChannel.Connect(port))
    {
        _topics = topics;
        Channel.ReadLine();
        Channel.Ask("hello {\"confirm\":true,\"quiet\":true,\"meta\":true}\n", "ok hello");
    }

    // A JSON string: its quotes are of the event.
    protected override byte[] Command(int index) => Encoding.ASCII.GetBytes(
        $"pub {_topics[index % _topics.Length]} {{\"id\":\"{index:0000}\",\"msg\":\"{Payload(EventBytes - 2)}\"}}\n");

    protected override int Confirmed() => Lines("ok pub "u8);
}

/// <summary>The line protocol, with acknowledgements of ranges of numbers.</summary>
internal sealed class RookerySubscriber : Subscriber
{
    private readonly byte[] _ack;
    private long _seen;
    private long _acknowledged;

    public RookerySubscriber(int port, string topic, string? name = null, string options = "{\"window\":1000}")
        : base(ByteChannel.Connect(port))
    {
        _ack = Encoding.ASCII.GetBytes($"ack {topic} #");
        Channel.ReadLine();
        var who = name is null ? "" : $",\"as\":\"{name}\"";
        Channel.Ask($"hello {{\"confirm\":true,\"quiet\":true,\"meta\":true{who}}}\n", "ok hello");
        Channel.Ask($"sub {topic} {options}\n", "successfully subscribed");
    }

    public override void Finish()
    {
        Acknowledge();
        Channel.Flush();
    }

    protected override int Take()
    {
        var input = Channel.Input;
        var end = input.LastIndexOf((byte)'\n') + 1;
        if (end == 0)
        {
            return 0;
        }

        if (input[0] != '{')
        {
            throw new InvalidOperationException($"unexpected: {Encoding.UTF8.GetString(input[..Math.Min(end, 200)])}");
        }

        var count = input[..end].Count((byte)'\n');
        Channel.Consume(end);
        _seen += count;
        if (_seen - _acknowledged >= AckEvery)
        {
            Acknowledge();
        }

        return count;
    }

    private void Acknowledge()
    {
        if (_seen > _acknowledged)
        {
            Channel.Append(_ack).Append(_acknowledged + 1).Append("-"u8).Append(_seen).Append("\n"u8);
            _acknowledged = _seen;
        }
    }
}
