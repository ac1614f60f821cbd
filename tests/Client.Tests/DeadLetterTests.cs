using System.Text;

namespace Rookery.Client.Tests;

public sealed class DeadLetterTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Dead_letters_are_listed_as_they_are_and_counted_beyond_the_limit()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var asking = client.DeadLettersAsync("t", "client:alice", limit: 2);
        Assert.Equal("""dead t {"key":"client:alice","limit":2}""", await peer.NextAsync());
        string[] letters =
        [
            """{"topic":"t","priority":3,"msg":"a","id":"1","seq":1,"ts":1700000000000,"tries":2,"died":1700000001000}""",
            """{"topic":"t","priority":0,"msg":{"died":1},"id":"2","seq":2,"ts":1700000000000,"tries":5,"died":1700000002000}""",
        ];
        foreach (var letter in letters)
        {
            await peer.SayAsync(letter);
        }

        await peer.SayAsync("ok dead 7");
        var told = await asking.WaitAsync(ScriptedBroker.Deadline);
        Assert.Equal(7, told.Count);
        Assert.Equal(letters, told.First.Select(letter => Encoding.UTF8.GetString(letter.Span)));
    }

    [Fact]
    public async Task Events_that_come_between_dead_letters_go_to_their_subscription()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var subscribing = client.SubscribeAsync("t");
        await peer.ExpectAsync("sub t ");
        await peer.SayAsync("successfully subscribed to topic t");
        await using var events = (await subscribing).GetAsyncEnumerator();
        var asking = client.DeadLettersAsync("t", "group:g");
        await peer.ExpectAsync("dead t ");
        await peer.SayAsync("""{"topic":"t","priority":0,"msg":1,"id":"1","seq":1,"ts":1,"tries":2,"died":2}""");
        await peer.PushAsync("t", 12);
        await peer.SayAsync("ok dead 1");
        Assert.Single((await asking.WaitAsync(ScriptedBroker.Deadline)).First);
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(ScriptedBroker.Deadline));
        Assert.Equal(12, events.Current.Sequence);
    }

    [Fact]
    public async Task One_or_all_are_replayed_or_discarded_by_the_key_of_the_subscription()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        Assert.Equal(1, await AnswerAsync(client.ReplayAsync("t", "client:alice", 5), """replay t {"key":"client:alice","seq":5}""", "ok replay 1"));
        Assert.Equal(3, await AnswerAsync(client.ReplayAsync("t", "client:alice"), """replay t {"key":"client:alice"}""", "ok replay 3"));
        Assert.Equal(1, await AnswerAsync(client.DiscardAsync("t", "group:g", 6), """discard t {"key":"group:g","seq":6}""", "ok discard 1"));
        Assert.Equal(0, await AnswerAsync(client.DiscardAsync("t", "group:g"), """discard t {"key":"group:g"}""", "ok discard 0"));

        async Task<long> AnswerAsync(Task<long> asked, string line, string answer)
        {
            Assert.Equal(line, await peer.NextAsync());
            await peer.SayAsync(answer);
            return await asked.WaitAsync(ScriptedBroker.Deadline);
        }
    }

    [Fact]
    public async Task What_the_broker_refuses_and_what_cannot_be_meant_is_said()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var asking = client.DeadLettersAsync("t", "client:nobody");
        await peer.ExpectAsync("dead t ");
        await peer.SayAsync("error: no subscription client:nobody of topic t");
        var refused = await Assert.ThrowsAsync<RookeryException>(() => asking.WaitAsync(ScriptedBroker.Deadline));
        Assert.Equal("no subscription client:nobody of topic t", refused.Message);

        var missing = client.ReplayAsync("t", "client:alice", 5);
        await peer.ExpectAsync("replay t ");
        await peer.SayAsync("no_event_error: #5");
        Assert.Equal("#5", (await Assert.ThrowsAsync<NoSuchEventException>(() => missing.WaitAsync(ScriptedBroker.Deadline))).EventId);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.DeadLettersAsync("t", "k", limit: 0));
        await Assert.ThrowsAsync<ArgumentException>(() => client.ReplayAsync("no topic", "k"));
        await Assert.ThrowsAsync<ArgumentException>(() => client.DiscardAsync("t", ""));
    }

    [Fact]
    public async Task A_replay_whose_connection_is_lost_is_not_said_again()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var asked = client.ReplayAsync("t", "client:alice");
        await peer.ExpectAsync("replay t ");
        peer.Close();
        await Assert.ThrowsAsync<RookeryConnectionException>(() => asked.WaitAsync(ScriptedBroker.Deadline));
        var again = await _broker.WelcomeAsync();
        var stats = client.StatsAsync();
        Assert.Equal("stats", await again.NextAsync());
        await again.SayAsync("ok stats {}");
        (await stats.WaitAsync(ScriptedBroker.Deadline)).Dispose();
    }
}
