using System.Text;
using Rookery.Broker;

namespace Rookery.Wire.Tests;

public class SendQueueTests
{
    private readonly SendQueue _sendQueue = new(null!, limit: 1 << 20, (_, _) => { });
    private readonly TopicState _a = new(TopicName.Parse("a"), Rights.Subscribe);
    private readonly TopicState _b = new(TopicName.Parse("b"), Rights.Subscribe);

    [Fact]
    public void What_waits_for_a_reply_keeps_no_other_topic_back()
    {
        lock (_sendQueue.Gate)
        {
            Deliver(_a, after: 5, 1);
            Deliver(_b, after: 0, 2);
            Assert.Equal("b2", Look());
            Deliver(_b, after: 4, 3);
            Deliver(_a, after: 5, 4);
            Deliver(_b, after: 4, 5);
            Assert.Equal("", Look());
            _sendQueue.Replied(4);
            Assert.Equal("b3 b5", Look());
            Deliver(_a, after: 6, 6);
            _sendQueue.Replied(5);
            Assert.Equal("a1 a4", Look());
            _sendQueue.Replied(6);
            Assert.Equal("a6", Look());
        }
    }

    private void Deliver(TopicState topic, long after, int id) => _sendQueue.Deliver(
        topic, after, [new Delivery { Id = Encoding.ASCII.GetBytes($"{id}"), Message = "0"u8.ToArray(), Sequence = id, Tries = 1, Priority = 0, PublishedAt = 0 }]);

    /// <summary>What was written since the last look, by topic and id.</summary>
    private string Look()
    {
        var lines = Encoding.ASCII.GetString(_sendQueue.Ready.Span).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        _sendQueue.Ready.Clear();
        return string.Join(' ', lines.Select(line => $"{line[10]}{line[^2]}"));
    }
}
