using System.Text;

namespace Rookery.Bench;

/// <summary>put, pipelined.</summary>
internal sealed class BeanstalkPublisher : Publisher
{
    public BeanstalkPublisher(int port, string tube)
        : base(ByteChannel.Connect(port)) => Channel.Ask($"use {tube}\r\n", "USING");

    protected override byte[] Command(int index) => Encoding.ASCII.GetBytes($"put 0 0 600 {EventBytes}\r\n{Payload(EventBytes)}\r\n");

    protected override int Confirmed() => Lines("INSERTED "u8);
}

/// <summary>A window of reserves under way; each job is answered with its delete and the next reserve.</summary>
internal sealed class BeanstalkSubscriber : Subscriber
{
    public BeanstalkSubscriber(int port, string tube)
        : base(ByteChannel.Connect(port))
    {
        Channel.Ask($"watch {tube}\r\n", "WATCHING");
        Channel.Ask("ignore default\r\n", "WATCHING");
        for (var i = 0; i < Window; i++)
        {
            Channel.Append("reserve\r\n"u8);
        }

        Channel.Flush();
    }

    protected override int Take()
    {
        var count = 0;
        while (Channel.Input is { IsEmpty: false } input)
        {
            var end = input.IndexOf((byte)'\n') + 1;
            if (end == 0)
            {
                break;
            }

            if (input[0] == 'R')
            {
                // RESERVED <id> <bytes>, and the job.
                var size = end + Publisher.EventBytes + 2;
                if (input.Length < size)
                {
                    break;
                }

                var id = input[9..end];
                Channel.Append("delete "u8).Append(id[..id.IndexOf((byte)' ')]).Append("\r\nreserve\r\n"u8);
                end = size;
                count++;
            }
            else if (!input.StartsWith("DELETED"u8))
            {
                throw new InvalidOperationException($"unexpected: {Encoding.UTF8.GetString(input[..end])}");
            }

            Channel.Consume(end);
        }

        return count;
    }
}
