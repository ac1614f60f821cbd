using Xunit;

namespace Rookery.Conformance;

/// <summary>What survives the end of a broker, for hosts that can restart theirs: derive a class and name the host.</summary>
/// <param name="create">Makes the host of one test.</param>
public abstract class RestartConformance(Func<ValueTask<ConformanceHost>> create)
{
    [Fact]
    public async Task After_a_restart_confirmed_events_subscriptions_and_acknowledgements_are_there()
    {
        await using var host = await create();
        await using (var server = await host.ServeAsync())
        {
            await using var publisher = await LineClient.ConnectAsync(server.EndPoint, "{\"confirm\":true}");
            await using var alice = await LineClient.ConnectAsync(server.EndPoint, "{\"as\":\"alice\"}");
            await alice.AskAsync("sub t {\"window\":2}", "successfully subscribed to topic t");
            for (var i = 1; i <= 4; i++)
            {
                await publisher.AskAsync($"pub t {{\"id\":\"{i}\",\"msg\":\"m\"}}", $"ok pub t {i} {i}");
            }

            await alice.ExpectAsync(Event(1), Event(2));
            await alice.AskAsync("ack t 1", "acknowledged ev_id=1", Event(3));
            await host.RestartAsync();
        }

        await using (var server = await host.ServeAsync())
        {
            await using var publisher = await LineClient.ConnectAsync(server.EndPoint, "{\"confirm\":true}");
            await using var alice = await LineClient.ConnectAsync(server.EndPoint, "{\"as\":\"alice\"}");
            await alice.AskAsync("sub t {\"window\":9}", "successfully subscribed to topic t");
            await alice.ExpectAsync(Event(2), Event(3), Event(4));
            await publisher.AskAsync("pub t {\"id\":\"5\",\"msg\":\"m\"}", "ok pub t 5 5");
            await alice.ExpectAsync(Event(5));
            await alice.AskAsync("ack t #1-9", "acknowledged 4");
        }
    }

    [Fact]
    public async Task After_a_restart_a_producers_repeat_is_recognised()
    {
        const string Hello = "{\"confirm\":true,\"producer\":\"p\"}";
        await using var host = await create();
        await using (var server = await host.ServeAsync())
        {
            await using var publisher = await LineClient.ConnectAsync(server.EndPoint, Hello);
            await publisher.AskAsync("pub t {\"id\":\"a\",\"msg\":\"m\",\"n\":7}", "ok pub t 1 a");
            await host.RestartAsync();
        }

        await using (var server = await host.ServeAsync())
        {
            await using var publisher = await LineClient.ConnectAsync(server.EndPoint, Hello);
            await publisher.SendAsync("pub t {\"id\":\"a\",\"msg\":\"m\",\"n\":7}");
            Assert.Matches("^ok pub t [01] a$", await publisher.ReadAsync());
            await publisher.AskAsync("pub t {\"id\":\"b\",\"msg\":\"m\",\"n\":8}", "ok pub t 2 b");
        }
    }

    [Fact]
    public async Task After_a_restart_the_order_is_as_it_was()
    {
        await using var host = await create();
        await using (var server = await host.ServeAsync())
        {
            await using var publisher = await LineClient.ConnectAsync(server.EndPoint, "{\"confirm\":true}");
            await using var alice = await LineClient.ConnectAsync(server.EndPoint, "{\"as\":\"alice\"}");
            await alice.AskAsync("sub t", "successfully subscribed to topic t");
            for (var i = 1; i <= 30; i++)
            {
                await publisher.AskAsync($"pub t {{\"id\":\"{i}\",\"msg\":\"m\",\"priority\":{i % 3}}}", $"ok pub t {i} {i}");
            }

            await host.RestartAsync();
        }

        await using (var server = await host.ServeAsync())
        {
            await using var alice = await LineClient.ConnectAsync(server.EndPoint, "{\"as\":\"alice\"}");
            await alice.AskAsync("sub t {\"window\":100}", "successfully subscribed to topic t");
            foreach (var i in Enumerable.Range(1, 30).OrderByDescending(i => i % 3))
            {
                await alice.ExpectAsync($"{{\"topic\":\"t\",\"priority\":{i % 3},\"msg\":\"m\",\"id\":\"{i}\"}}");
            }
        }
    }

    [Fact]
    public async Task After_a_restart_dead_letters_are_kept_and_what_ended_stays_ended()
    {
        await using var host = await create();
        await using (var server = await host.ServeAsync())
        {
            await using var publisher = await LineClient.ConnectAsync(server.EndPoint, "{\"confirm\":true}");
            await using var alice = await LineClient.ConnectAsync(server.EndPoint, "{\"as\":\"alice\"}");
            await alice.AskAsync("sub t {\"max_tries\":1}", "successfully subscribed to topic t");
            await alice.AskAsync("sub u", "successfully subscribed to topic u");
            await publisher.AskAsync("pub t {\"id\":\"1\",\"msg\":\"m\"}", "ok pub t 1 1");
            await alice.ExpectAsync(Event(1));
            await alice.AskAsync("nack t 1", "returned ev_id=1");
            await alice.AskAsync("unsub u", "successfully unsubscribe from topic u");
            await publisher.AskAsync("pub u {\"id\":\"1\",\"msg\":\"m\"}", "ok pub u 1 1");
            await host.RestartAsync();
        }

        await using (var server = await host.ServeAsync())
        {
            await using var alice = await LineClient.ConnectAsync(server.EndPoint, "{\"as\":\"alice\"}");
            await alice.AskAsync("ack u 1", "error: not a topic u subscriber");
            await alice.AskAsync("sub t", "successfully subscribed to topic t");
            await alice.ExpectNothingAsync();
            await alice.AskAsync("replay t", "ok replay 1", Event(1));
            await alice.AskAsync("ack t 1", "acknowledged ev_id=1", "no available message");
        }
    }

    [Fact]
    public async Task After_a_restart_a_group_shares_what_was_left()
    {
        await using var host = await create();
        await using (var server = await host.ServeAsync())
        {
            await using var publisher = await LineClient.ConnectAsync(server.EndPoint, "{\"confirm\":true}");
            await using var member = await LineClient.ConnectAsync(server.EndPoint);
            await member.AskAsync("sub t {\"group\":\"g\"}", "successfully subscribed to topic t");
            for (var i = 1; i <= 3; i++)
            {
                await publisher.AskAsync($"pub t {{\"id\":\"{i}\",\"msg\":\"m\"}}", $"ok pub t {i} {i}");
            }

            await member.ExpectAsync(Event(1));
            await member.AskAsync("ack t 1", "acknowledged ev_id=1", Event(2));
            await host.RestartAsync();
        }

        await using (var server = await host.ServeAsync())
        {
            await using var one = await LineClient.ConnectAsync(server.EndPoint);
            await using var two = await LineClient.ConnectAsync(server.EndPoint);
            await one.AskAsync("sub t {\"group\":\"g\"}", "successfully subscribed to topic t");
            await one.ExpectAsync(Event(2));
            await two.AskAsync("sub t {\"group\":\"g\"}", "successfully subscribed to topic t");
            await two.ExpectAsync(Event(3));
        }
    }

    private static string Event(int id) => $"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"m\",\"id\":\"{id}\"}}";
}
