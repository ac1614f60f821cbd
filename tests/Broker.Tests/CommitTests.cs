namespace Rookery.Broker.Tests;

/// <summary>What is confirmed is durable, and what fails is said: how a topic shares its writes and outlives a failed one.</summary>
public class CommitTests
{
    private readonly TopicBench _bench = new();

    [Fact]
    public void Nothing_is_confirmed_or_delivered_before_it_is_durable()
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { Window = 10 });
        _bench.Journal.Holds = true;
        var first = client.Send(c => c.Publish("1"u8, "1"u8));
        var second = client.Send(c => c.Publish("2"u8, "2"u8));
        Assert.False(first.IsComplete || second.IsComplete);
        Assert.Empty(client.Received);
        _bench.CompleteWrite();
        Assert.True(first.IsComplete);
        Assert.False(second.IsComplete);
        Assert.Equal("1", client.Look());
        _bench.CompleteWrite();
        Assert.True(second.IsComplete);
        Assert.Equal("2", client.Look());
    }

    [Fact]
    public void What_gathers_while_a_write_is_in_flight_is_one_commit()
    {
        var client = _bench.Connect();
        _bench.Journal.Holds = true;
        client.Publish("1", "1");
        for (var i = 0; i < 50; i++)
        {
            client.Publish("1", "1");
        }

        Assert.Equal(1, _bench.Journal.Appends);
        _bench.CompleteWrite();
        _bench.CompleteWrite();
        Assert.Equal(2, _bench.Journal.Appends);
        Assert.False(_bench.Journal.HasPending);
        Assert.Equal(51, _bench.Stats.LastSequence);
    }

    [Fact]
    public void A_durable_event_goes_out_at_once_though_a_write_is_in_flight()
    {
        var client = _bench.Connect();
        client.Subscribe();
        client.Publish("1", "a");
        client.Publish("2", "b");
        client.Look();
        _bench.Journal.Holds = true;
        var ack = client.Send(c => c.Acknowledge("1"u8));
        Assert.False(ack.IsComplete);
        Assert.Equal(ack.Commands.Ordinal, Assert.Single(client.Received).After);
    }

    [Fact]
    public void A_command_that_records_nothing_still_waits_for_what_was_before_it()
    {
        var client = _bench.Connect(producer: "p");
        _bench.Journal.Holds = true;
        client.Send(c => c.Publish("1"u8, "1"u8, number: 1));
        var repeat = client.Send(c => c.Publish("1"u8, "1"u8, number: 1));
        Assert.False(repeat.IsComplete);
        _bench.CompleteWrite();
        Assert.Equal(Outcome.Repeated, repeat.Result.Outcome);
        Assert.Equal(1, _bench.Journal.Appends);
    }

    [Fact]
    public void A_failed_write_answers_unknown_and_what_was_not_written_unavailable()
    {
        var client = _bench.Connect();
        client.Subscribe();
        _bench.Journal.Holds = true;
        var first = client.Send(c => c.Publish("1"u8, "1"u8));
        var second = client.Send(c => c.Publish("2"u8, "2"u8));
        _bench.Journal.FailAppend(stored: false);
        _bench.Turn();
        Assert.Equal(Outcome.Unknown, first.Result.Outcome);
        Assert.Equal(Outcome.Unavailable, second.Result.Outcome);
        Assert.True(_bench.Shell.IsFailed);
        Assert.Single(_bench.Failures);
        Assert.Equal(Outcome.Unavailable, client.Publish("3", "3").Outcome);
        Assert.Empty(client.Received);
    }

    [Fact]
    public void What_was_stored_beside_a_listing_stays_confirmed_when_the_journal_fails_before_it_is_read()
    {
        var bench = new TopicBench(cacheBytes: 0);
        var client = bench.Connect();
        client.Subscribe(new SubscribeOptions { MaxTries = 1 });
        client.Publish("1", "a");
        client.Nack(1);
        bench.Journal.HoldsReads = true;
        var both = client.Send(c =>
        {
            c.Publish("2"u8, "2"u8);
            c.DeadLetters(CommandKind.ListDead);
        });
        Assert.False(both.IsComplete);
        bench.Journal.Holds = true;
        client.Send(c => c.Publish("3"u8, "3"u8));
        bench.Journal.FailAppend(stored: false);
        bench.Turn();
        Assert.Equal((Outcome.Done, 2), (both.Result.Outcome, both.Result.Sequence));
        Assert.Equal(Outcome.Unavailable, both.Commands.Results[1].Outcome);
    }

    [Fact]
    public void A_journal_far_behind_has_commands_refused_before_memory_is_gone()
    {
        var client = _bench.Connect();
        _bench.Journal.Holds = true;
        var message = new byte[1_000_000];
        var outcomes = new List<TopicBench.Reply>();
        for (var i = 0; i < 200 && !outcomes.Exists(reply => reply.IsComplete); i++)
        {
            outcomes.Add(client.Send(c => c.Publish("1"u8, message)));
        }

        Assert.Equal(Outcome.Unavailable, outcomes[^1].Result.Outcome);
        Assert.InRange(_bench.Shell.PendingBytes, 100 << 20, 160 << 20);
        while (_bench.Journal.HasPending)
        {
            _bench.CompleteWrite();
        }

        Assert.All(outcomes.SkipLast(1), reply => Assert.Equal(Outcome.Done, reply.Result.Outcome));
        Assert.Equal(outcomes.Count - 1, _bench.Stats.LastSequence);
    }

    [Theory]
    [InlineData(false, "next")]
    [InlineData(true, "unsure next")]
    public void After_a_failure_sessions_go_on_with_what_the_journal_has(bool stored, string expected)
    {
        var client = _bench.Connect();
        client.Subscribe(new SubscribeOptions { Window = 5 });
        client.Publish("0", "zero");
        _bench.Journal.Holds = true;
        client.Send(c => c.Publish("1"u8, "unsure"u8));
        _bench.Journal.FailAppend(stored);
        _bench.Turn();
        _bench.Journal.Holds = false;
        client.Look();
        _bench.Recover();
        Assert.Equal(Outcome.Done, client.Publish("2", "next").Outcome);
        Assert.Equal("zero " + expected, client.Look());
    }
}
