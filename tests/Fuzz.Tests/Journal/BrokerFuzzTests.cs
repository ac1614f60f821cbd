using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Broker;
using Rookery.Local;
using Rookery.Local.Tests;
using Xunit.Abstractions;

namespace Rookery.Fuzz.Tests;

/// <summary>A broker starts on whatever is left of its journal, and serves every event whose frame was not hit.</summary>
public sealed class BrokerFuzzTests(ITestOutputHelper output)
{
    private const int Events = 60;
    private static readonly LocalBrokerOptions Options = new() { Journal = new JournalOptions { SegmentBytes = 64 << 10 } };
    private static readonly SubscribeOptions Everything = new() { Window = 1000, From = StartPosition.Start };

    [Fact]
    public async Task A_damaged_journal_is_served_without_what_was_hit()
    {
        var random = Dice.Roll(output, out var seed);
        var written = await WriteAsync();
        for (var n = 1; n <= FuzzSize.Brokers; n++)
        {
            var script = Damage.Invent(random, written.Disk);
            try
            {
                await TryAsync(written, script);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"ROOKERY_SEED={seed}, input {n}: {e.Message}\n{script}", e);
            }
        }
    }

    private static async Task TryAsync(WrittenJournal written, string script)
    {
        var damaged = written.Disk.Kill();
        Damage.Do(script, damaged);
        var whole = Damage.LeavesTheRest(script) ? written.Frames.Where(frame => frame.IsWhole(damaged)).ToList() : [];
        await using var broker = await OpenAsync(damaged);
        var client = await TestClient.Open(broker);
        foreach (var topic in new[] { "a", "b" })
        {
            Assert.Equal(Outcome.Done, (await client.Subscribe(topic, Everything)).Outcome);
            Assert.Equal(Outcome.Done, (await client.Publish(topic, $"last-of-{topic}")).Outcome);
        }

        var wanted = Enumerable.Range(1, Events).Select(n => $"id-{n};").Where(id => whole.Exists(frame => frame.Text.Contains($"\"{id}\"", StringComparison.Ordinal)));
        await client.Expect([.. wanted, "last-of-a", "last-of-b"]);
        Assert.All(client.Deliveries, d => Assert.True(d.Id.StartsWith("last-of-", StringComparison.Ordinal) || d.Id.StartsWith("id-", StringComparison.Ordinal), d.Id));
        await client.Session.DisposeAsync();
    }

    /// <summary>What two producers, a named subscriber, a group and a dropped topic left, over two lives of a broker.</summary>
    private static async Task<WrittenJournal> WriteAsync()
    {
        var files = new FaultyFiles();
        for (var life = 0; life < 2; life++)
        {
            await using var broker = await OpenAsync(files);
            var alice = await TestClient.Open(broker, "alice");
            var member = await TestClient.Open(broker);
            var producer = await TestClient.Open(broker, producer: "p");
            await alice.Subscribe("a", new SubscribeOptions { Window = 10, MaxTries = 2 });
            await member.Subscribe("b", new SubscribeOptions { Window = 5, Group = "g" });
            for (var n = (life * Events / 2) + 1; n <= (life + 1) * Events / 2; n++)
            {
                var topic = n % 2 == 0 ? "a" : "b";
                await producer.Publish(topic, $"id-{n};", new string('x', n * 7 % 300), n);
                if (n % 5 == 0)
                {
                    await alice.Ack("a", 1, n / 3);
                    await alice.Execute("a", commands => commands.Return(Encoding.UTF8.GetBytes($"id-{n};"), 0));
                    await member.Execute("b", commands => commands.Acknowledge([new SequenceRange(n / 4, n / 4)]));
                }
            }

            await alice.Subscribe("c");
            await alice.Publish("c", $"gone-{life}");
            await member.Execute("c", commands => commands.DropTopic());
            await member.Execute("b", commands => commands.Unsubscribe());
            if (life == 1)
            {
                return new WrittenJournal(files.Kill());
            }
        }

        throw new InvalidOperationException("unreachable");
    }

    private static Task<LocalBroker> OpenAsync(IJournalFiles files) =>
        LocalBroker.OpenAsync(Options, null, () => files, TimeProvider.System, NullLoggerFactory.Instance);
}
