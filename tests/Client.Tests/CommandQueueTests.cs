using System.IO.Pipelines;

namespace Rookery.Client.Tests;

public sealed class CommandQueueTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();
    private readonly CommandQueue _queue = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public void Publishes_that_are_given_up_while_there_is_no_connection_do_not_pile_up()
    {
        var window = new PublishWindow(1, 1 << 20);
        var kept = Add(window, "kept");
        for (var n = 0; n < 10_000; n++)
        {
            var publish = Add(window, $"{n}");
            Assert.True(_queue.TryAbandon(publish));
            publish.Release();
            Assert.InRange(_queue.Waiting, 1, 4);
        }

        var last = Add(window, "last");
        Assert.Equal([kept, last], Sent());
        Assert.True(_queue.IsIdle);
    }

    [Fact]
    public void Commands_that_are_given_up_in_any_order_leave_the_others_in_theirs()
    {
        var commands = Enumerable.Range(0, 100).Select(_ => Add()).ToArray();
        foreach (var given in commands.Where((_, i) => i % 3 != 0).Reverse())
        {
            Assert.True(_queue.TryAbandon(given));
        }

        var kept = commands.Where((_, i) => i % 3 == 0).ToArray();
        Assert.InRange(_queue.Waiting, kept.Length, 2 * kept.Length);
        Assert.Equal(kept, Sent());
        Assert.False(_queue.TryAbandon(kept[0]));
    }

    [Fact]
    public void A_lost_connection_leaves_out_what_was_given_up_and_subscribes_of_the_one_before()
    {
        var sent = Add();
        _queue.Send(PipeWriter.Create(Stream.Null), long.MaxValue);
        var kept = new[] { Add(), Add() };
        _queue.TryAbandon(Add());
        var lost = new RookeryConnectionException();
        _queue.Restore([new PendingSubscribe(null!, [], first: false)], lost);
        _queue.TryAbandon(Add());
        var again = new PendingSubscribe(null!, [], first: false);
        _queue.Restore([again], lost);
        Assert.Equal(4, _queue.Waiting);
        Assert.Equal([again, sent, .. kept], Sent());
    }

    [Fact]
    public async Task Questions_that_nobody_waits_for_any_more_are_not_asked_after_an_outage()
    {
        var (client, _, loseAsync) = await _broker.ConnectToLoseAsync();
        await using var __ = client;
        await loseAsync();
        for (var n = 0; n < 10; n++)
        {
            using var cancel = new CancellationTokenSource();
            var ping = client.PingAsync(cancel.Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ping);
        }

        var topics = client.TopicsAsync();
        var next = await _broker.WelcomeAsync();
        Assert.Equal("topics", await next.NextAsync());
        await next.SayAsync("ok topics []");
        (await topics.WaitAsync(ScriptedBroker.Deadline)).Dispose();
    }

    private PendingPublish Add(PublishWindow window, string id)
    {
        var publish = new PendingPublish(window, "t", id, "1"u8, default);
        _queue.Add(publish, added => added.Close(0, int.MaxValue));
        return publish;
    }

    private TextCommand Add()
    {
        var command = new TextCommand(Lines.Plain("ping"), repeatable: true);
        _queue.Add(command);
        return command;
    }

    private List<PendingCommand> Sent()
    {
        Assert.False(_queue.Send(PipeWriter.Create(Stream.Null), long.MaxValue));
        var sent = new List<PendingCommand>();
        while (_queue.TakeReplied() is { } command)
        {
            sent.Add(command);
        }

        return sent;
    }
}
