namespace Rookery.Client.Tests;

/// <summary>Topics that are ended.</summary>
public sealed class DropTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task A_drop_tells_how_many_events_went_with_the_topic_and_what_is_refused()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;

        var dropping = client.DropAsync("old.news");
        Assert.Equal("drop old.news", await peer.NextAsync());
        await peer.SayAsync("ok drop 17");
        Assert.Equal(17, await dropping);

        var missing = client.DropAsync("t");
        await peer.ExpectAsync("drop t");
        await peer.SayAsync("error: no topic t");
        Assert.Equal("no topic t", (await Assert.ThrowsAsync<RookeryException>(() => missing)).Message);
    }

    [Fact]
    public async Task A_drop_whose_connection_is_lost_is_not_sent_again()
    {
        var (client, peer) = await _broker.ConnectAsync();
        await using var _ = client;
        var dropping = client.DropAsync("t");
        await peer.ExpectAsync("drop t");
        peer.Close();
        await Assert.ThrowsAnyAsync<RookeryConnectionException>(() => dropping);
    }
}
