using System.Diagnostics;

namespace Rookery.Bench;

/// <summary>The least that a broker does, in a process of its own: see <see cref="NullServer"/>.</summary>
internal sealed class NullContender : Contender
{
    public const string Verb = "serve-nothing";

    public override string Name => "null server";

    public override string Durability => "fsync before the confirm";

    public override bool IsLimit => true;

    public override string? Find() => Environment.ProcessPath;

    public override string Version() => "";

    public override Publisher Publisher(string topic) => new RookeryPublisher(Port, topic);

    public override Subscriber Subscriber(string topic, int index) => new RookerySubscriber(Port, topic);

    protected override ProcessStartInfo Command() => new(Find()!, [Verb, $"{Port}", Folder]);
}

/// <summary>Loopback alone: a process that copies a publisher's bytes to the subscribers and reads none of them.</summary>
internal sealed class RelayContender : Contender
{
    public const string Verb = "serve-bytes";

    public override string Name => "loopback";

    public override string Durability => "none, not even confirmed";

    public override bool IsLimit => true;

    public override bool HasLatency => false;

    public override string? Find() => Environment.ProcessPath;

    public override string Version() => "";

    public override Publisher Publisher(string topic) => new RelayPublisher(Port);

    public override Subscriber Subscriber(string topic, int index) => new RelaySubscriber(Port);

    protected override ProcessStartInfo Command() => new(Find()!, [Verb, $"{Port}"]);

    private sealed class RelayPublisher : Publisher
    {
        public RelayPublisher(int port)
            : base(ByteChannel.Connect(port)) => Channel.Ask("pub\n", "ok");

        protected override byte[] Command(int index) =>
            System.Text.Encoding.ASCII.GetBytes($"pub t {{\"id\":\"{index:0000}\",\"msg\":\"{Payload(EventBytes - 2)}\"}}\n");

        public override bool Confirms => false;

        protected override int Confirmed() => throw new NotSupportedException("nothing is confirmed here");
    }

    private sealed class RelaySubscriber : Subscriber
    {
        public RelaySubscriber(int port)
            : base(ByteChannel.Connect(port)) => Channel.Ask("sub\n", "ok");

        protected override int Take()
        {
            var input = Channel.Input;
            var count = input.Count((byte)'\n');
            Channel.Consume(input.Length);
            return count;
        }
    }
}
