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
            await using var alice = await LineClient.ConnectAsync(server.EndPoint, "{\"as\":\"alice\"}");
            await using var publisher = await LineClient.ConnectAsync(server.EndPoint, "{\"confirm\":true}");
            await alice.AskAsync("sub t {\"window\":2}", "successfully subscribed to topic t");
            for (var i = 1; i <= 4; i++)
            {
                // An event may be pushed before its publisher has the confirm, so they are two connections.
                await publisher.AskAsync($"pub t {{\"id\":\"{i}\",\"msg\":\"m\"}}", $"ok pub t {i} {i}");
                if (i <= 2)
                {
                    await alice.ExpectAsync(Event(i));
                }
            }

            await alice.AskAsync("ack t 1", "acknowledged ev_id=1", Event(3));
            await host.RestartAsync();
        }

        await using (var server = await host.ServeAsync())
        {
            await using var alice = await LineClient.ConnectAsync(server.EndPoint, "{\"as\":\"alice\"}");
            await using var publisher = await LineClient.ConnectAsync(server.EndPoint, "{\"confirm\":true}");
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

    private static string Event(int id) => $"{{\"topic\":\"t\",\"priority\":0,\"msg\":\"m\",\"id\":\"{id}\"}}";
}
