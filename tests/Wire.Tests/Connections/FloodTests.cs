using System.Text;
using FsCheck.Fluent;
using Rookery.Conformance;

namespace Rookery.Wire.Tests;

/// <summary>More than anyone should send, slower than anyone should read, and what nobody would type.</summary>
public sealed class FloodTests
{
    private static readonly string[] Words =
    [
        "pub", "sub", "unsub", "ack", "nack", "dead", "replay", "discard", "topics", "stats", "hello", "help", "t", "u", "..", " ", "  ", "{", "}", "\"",
        "{\"id\":\"1\",\"msg\":1}", "{\"id\":5,\"msg\":[1, 2],\"priority\":3}", "{\"window\":3}", "{}", "#1", "#1-5", "#2,#3", ",", "1", "5", "-1", "\0", "\\", "é", "\r", "\t", "\u2028",
    ];

    [Fact]
    public async Task A_pipelined_flood_gets_every_reply_in_order()
    {
        await using var served = await ServedBroker.StartAsync(new WireOptions { MaxPendingCommands = 64 * 1024, MaxPendingOutput = 64 * 1024 });
        var client = await served.ConnectAsync("{\"confirm\":true}");
        const int Count = 50_000;
        var lines = new StringBuilder();
        for (var i = 1; i <= Count; i++)
        {
            lines.Append(i % 3 == 0 ? $"ping {i}\n" : $"pub t{i % 3} {{\"id\":{i},\"msg\":\"m\"}}\n");
        }

        var sending = client.SendBytesAsync(Encoding.UTF8.GetBytes(lines.ToString()));
        for (var i = 1; i <= Count; i++)
        {
            Assert.Equal(i % 3 == 0 ? $"error: unknown command: [\"ping\", \"{i}\"]" : $"ok pub t{i % 3} {(i / 3) + 1} {i}", await client.ReadAsync());
        }

        await sending;
    }

    [Fact]
    public async Task Who_reads_nothing_is_not_read_any_more_and_costs_a_bounded_number_of_bytes()
    {
        await using var served = await ServedBroker.StartAsync(new WireOptions { MaxPendingCommands = 64 * 1024, MaxPendingOutput = 64 * 1024 });
        var client = await served.ConnectAsync(receiveBuffer: 4096);
        var flood = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("help\n", 20_000)));
        var sent = 0L;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await client.Socket.SendAsync(flood);
                Interlocked.Add(ref sent, flood.Length);
            }
        });

        // 2 million commands of 1 KB of reply each: were they all answered, the server would hold 2 GB.
        var before = -1L;
        while (before != Interlocked.Read(ref sent))
        {
            before = Interlocked.Read(ref sent);
            await Task.Delay(300);
        }

        Assert.False(sending.IsCompleted);
        var other = await served.ConnectAsync();
        await other.AskAsync("ping", "pong");
        await client.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
        await ServedBroker.EventuallyAsync(() => served.Server.Connections == 1, "the connection is gone");
    }

    [Fact]
    public async Task A_slow_subscriber_pauses_alone_and_gets_everything_in_the_end()
    {
        await using var served = await ServedBroker.StartAsync(new WireOptions { MaxPendingOutput = 64 * 1024, SubscriptionCredit = 16 * 1024 });
        const int Count = 3_000;
        var slow = await served.ConnectAsync(receiveBuffer: 4096);
        var fast = await served.ConnectAsync();
        foreach (var client in new[] { slow, fast })
        {
            await client.AskAsync("sub t {\"window\":65536}", "successfully subscribed to topic t");
        }

        var publisher = await served.ConnectAsync("{\"confirm\":true}");
        var message = new string('x', 4_000);
        for (var i = 1; i <= Count; i++)
        {
            await publisher.AskAsync($"pub t {{\"id\":{i},\"msg\":\"{message}\"}}", $"ok pub t {i} {i}");
            await fast.ExpectAsync($"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"{message}\",\"id\":{i}}}");
        }

        // The 12 MB are not under way to the slow one: only what the kernel, the transport and its credit hold.
        await publisher.SendAsync("stats t");
        var stats = System.Text.Json.JsonDocument.Parse((await publisher.ReadAsync())["ok stats ".Length..]).RootElement;
        var waiting = stats.GetProperty("subscriptions").EnumerateArray().Max(s => s.GetProperty("waiting").GetInt64());
        Assert.InRange(waiting, Count / 10, Count);
        for (var i = 1; i <= Count; i++)
        {
            await slow.ExpectAsync($"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"{message}\",\"id\":{i}}}");
        }

        await slow.AskAsync($"ack t #1-{Count}", $"acknowledged {Count}");
    }

    [Fact]
    public async Task A_fast_topic_does_not_keep_replies_out()
    {
        await using var served = await ServedBroker.StartAsync(new WireOptions { MaxPendingOutput = 64 * 1024, SubscriptionCredit = 1 << 20 });
        var publisher = await served.ConnectAsync("{\"confirm\":true}");
        const int Count = 2_000;
        var message = new string('x', 4_000);
        for (var i = 1; i <= Count; i++)
        {
            await publisher.AskAsync($"pub t {{\"id\":{i},\"msg\":\"{message}\"}}", $"ok pub t {i} {i}");
        }

        var client = await served.ConnectAsync();
        await client.SendAsync("sub t {\"window\":65536,\"from\":\"start\"}", "ping");
        await client.ExpectAsync("successfully subscribed to topic t");
        var events = 0;
        while (await client.ReadAsync() != "pong")
        {
            events++;
        }

        Assert.InRange(events, 0, Count / 2);
    }

    [Fact]
    public async Task Any_line_of_words_gets_its_reply_and_harms_nobody()
    {
        await using var served = await ServedBroker.StartAsync();
        var lines = Gen.Elements(Words).Zip(Gen.Elements(" ", " ", " ", "", "  ")).Select(x => x.Item1 + x.Item2).ListOf().Select(string.Concat);
        foreach (var batch in Gen.Sample(lines.ListOf(50), 20, 60))
        {
            await using var client = await LineClient.ConnectAsync(served.Server.EndPoint, "{\"confirm\":true}");
            foreach (var line in batch)
            {
                await client.SendAsync(line, "ping");
                var replies = new List<string>();
                string reply;
                while ((reply = await client.ReadAsync()) != "pong")
                {
                    replies.Add(reply);
                }

                var ends = replies.Where(r => !r.StartsWith('{') && r != "no available message").ToList();
                Assert.True(ends.Count == 1 || ends[^1] == "ok help", $"{line} was answered {string.Join(" | ", replies)}");
            }
        }
    }

    [Fact]
    public async Task Random_bytes_never_end_a_connection()
    {
        await using var served = await ServedBroker.StartAsync();
        var random = new Random(20260131);
        await using var client = await LineClient.ConnectAsync(served.Server.EndPoint);
        for (var round = 0; round < 200; round++)
        {
            var bytes = new byte[random.Next(1, 2000)];
            random.NextBytes(bytes);
            await client.SendBytesAsync(bytes);
            await client.SendBytesAsync(Encoding.ASCII.GetBytes($"\nping {round}\n"));
            var lines = bytes.Count(b => b == '\n') + 1;
            for (var i = 0; i < lines; i++)
            {
                Assert.StartsWith("error: ", await client.ReadAsync(), StringComparison.Ordinal);
            }

            await client.ExpectAsync($"error: unknown command: [\"ping\", \"{round}\"]");
        }
    }
}
