using System.Buffers.Binary;

namespace Rookery.Bench;

/// <summary>Persistent messages to a fan-out exchange, with confirms.</summary>
internal sealed class RabbitPublisher : Publisher
{
    private readonly string _exchange;
    private readonly bool[] _confirmed = new bool[Window * 2];
    private long _lowest = 1;

    public RabbitPublisher(int port, string exchange)
        : base(Amqp.Connect(port))
    {
        _exchange = exchange;
        Amqp.DeclareExchange(Channel, exchange);
        Amqp.Call(Channel, 85, 10, [0], 11);
    }

    protected override byte[] Command(int index) => Amqp.Publish(_exchange, Payload(EventBytes));

    protected override int Confirmed()
    {
        var count = 0;
        for (int size; (size = Amqp.FrameSize(Channel.Input)) > 0;)
        {
            var frame = Channel.Input[..size];
            if (Amqp.Is(frame, 60, 80))
            {
                var tag = (long)BinaryPrimitives.ReadUInt64BigEndian(frame[11..]);
                for (var i = frame[19] == 0 ? tag : _lowest; i <= tag; i++)
                {
                    ref var slot = ref _confirmed[i % _confirmed.Length];
                    count += slot ? 0 : 1;
                    slot = true;
                }

                for (; _confirmed[_lowest % _confirmed.Length]; _lowest++)
                {
                    _confirmed[_lowest % _confirmed.Length] = false;
                }
            }
            else if (frame[0] != 8)
            {
                throw Amqp.Unexpected(frame);
            }

            Channel.Consume(size);
        }

        return count;
    }
}

/// <summary>A durable priority queue of its own, prefetch of a window, acknowledgements of many.</summary>
internal sealed class RabbitSubscriber : Subscriber
{
    private readonly byte[] _ack = Amqp.Method(1, 60, 80, [0, 0, 0, 0, 0, 0, 0, 0, 1]);
    private long _seen;
    private long _acknowledged;

    public RabbitSubscriber(int port, string exchange, string queue)
        : base(Amqp.Connect(port))
    {
        Amqp.DeclareQueue(Channel, exchange, queue);
        Amqp.Call(Channel, 60, 10, [0, 0, 0, 0, Window >> 8, Window & 0xFF, 0], 11);
        Amqp.Call(Channel, 60, 20, [0, 0, .. Amqp.Short(queue), .. Amqp.Short("c"), 0, 0, 0, 0, 0], 21);
    }

    public override void Finish()
    {
        Acknowledge();
        Channel.Flush();
    }

    protected override int Take()
    {
        var count = 0;
        for (int size; (size = Amqp.FrameSize(Channel.Input)) > 0;)
        {
            // A delivery is three frames: the method, the properties, the body.
            var frame = Channel.Input[..size];
            count += frame[0] == 3 ? 1 : 0;
            if (frame[0] == 1 && !Amqp.Is(frame, 60, 60))
            {
                throw Amqp.Unexpected(frame);
            }

            Channel.Consume(size);
        }

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
            BinaryPrimitives.WriteInt64BigEndian(_ack.AsSpan(11), _seen);
            Channel.Append(_ack);
            _acknowledged = _seen;
        }
    }
}
