using Xunit;

namespace Rookery.Conformance;

/// <content>What brokers of this kind have broken under: long lines, ids of little variety, paths for names, chattering.</content>
public abstract partial class LineProtocolConformance
{
    [Theory]
    [InlineData(1_461)]
    [InlineData(65_537)]
    [InlineData(999_998)]
    public async Task Long_lines_pass(int length)
    {
        var publisher = await PublisherAsync();
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t");
        var message = new string('x', length);
        await publisher.AskAsync($"pub t {{\"id\":\"1\",\"msg\":\"{message}\"}}", "ok pub t 1 1");
        await client.ExpectAsync($"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"{message}\",\"id\":\"1\"}}");
        await client.AskAsync("ack t 1", "acknowledged ev_id=1", "no available message");
    }

    [Fact]
    public async Task Many_events_with_one_id_are_many_events()
    {
        const int Count = 500;
        var client = await ConnectAsync("{\"meta\":true}");
        await SubscribeAsync(client, "t", "{\"window\":10}");
        await PublishAsync(await PublisherAsync(), "t", [.. Enumerable.Repeat("same", Count)]);
        for (var i = 1; i <= Count; i++)
        {
            Assert.Matches(EventWithMeta("t", "same", i, 1), await client.ReadAsync());
            if (i % 10 == 0)
            {
                await client.AskAsync($"ack t #{i - 9}-{i}", "acknowledged 10");
            }
        }
    }

    [Fact]
    public async Task A_window_of_events_comes_without_an_ack_between_and_acks_need_not_wait_for_replies()
    {
        const int Count = 1_000;
        var client = await ConnectAsync();
        await SubscribeAsync(client, "t", $"{{\"window\":{Count}}}");
        string[] ids = [.. Enumerable.Range(1, Count).Select(i => $"{i}")];
        await PublishAsync(await PublisherAsync(), "t", ids);
        await client.ExpectAsync([.. ids.Select(id => Event("t", id))]);
        await client.SendAsync([.. ids.Select(id => $"ack t {id}")]);
        await client.ExpectAsync([.. ids.Select(id => $"acknowledged ev_id={id}"), "no available message"]);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("/")]
    [InlineData("a\\b")]
    [InlineData("é")]
    public async Task A_topic_is_never_a_path(string topic)
    {
        var client = await ConnectAsync("{\"confirm\":true}");
        foreach (var line in new[] { $"sub {topic}", $"pub {topic} {{\"id\":\"1\",\"msg\":1}}", $"ack {topic} 1", $"unsub {topic}", $"stats {topic}" })
        {
            await client.SendAsync(line);
            Assert.StartsWith($"error: bad topic \"{topic}\": ", await client.ReadAsync(), StringComparison.Ordinal);
        }

        await client.SendAsync("topics");
        Assert.Equal("ok topics []", await client.ReadAsync());
    }
}
