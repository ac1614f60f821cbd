using Rookery.Broker;

namespace Rookery.Cluster.Tests;

/// <summary>Gateways die, names and credit move between them, the cluster is lost and found, a limit is reached.</summary>
public sealed class GatewayFailureTests
{
    [Fact]
    public async Task A_gateway_dies_and_what_it_had_in_flight_goes_to_another_member_of_the_group()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (dying, living) = (cluster.NewGateway(), cluster.NewGateway());
        var group = new SubscribeOptions { Group = "g", Window = 10 };
        var first = await Recorder.OpenAsync(dying);
        await first.SubscribeAsync("t", group);
        var publisher = await Recorder.OpenAsync(living);
        for (var i = 1; i <= 5; i++)
        {
            await publisher.PublishAsync("t", $"{i}");
        }

        await first.UntilAsync(one => one.Delivered.Count == 5, "the events did not come");
        var second = await Recorder.OpenAsync(living);
        await second.SubscribeAsync("t", group);
        await dying.AbandonAsync();
        await second.UntilAsync(one => one.Delivered.Count == 5, "what the dead gateway had did not come");
        Assert.All(second.Delivered, delivery => Assert.Equal(2, delivery.Tries));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("alice")]
    public async Task Whoever_comes_again_to_a_gateway_that_nobody_else_uses_is_served_at_once(string? name)
    {
        await using var cluster = await TestCluster.StartAsync();
        var (gateway, other) = (cluster.NewGateway(), cluster.NewGateway());
        var publisher = await Recorder.OpenAsync(other);
        for (var time = 1; time <= 3; time++)
        {
            var subscriber = await Recorder.OpenAsync(gateway, new SessionIdentity { Name = name });
            Assert.Equal(Outcome.Done, (await subscriber.SubscribeAsync("t").WaitAsync(TimeSpan.FromSeconds(5))).Outcome);
            await publisher.PublishAsync("t", $"{time}");
            await subscriber.UntilAsync(one => one.Delivered.Any(delivery => delivery.Id == $"{time}"), $"event {time} did not come");
            await subscriber.Session.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_unnamed_subscription_ends_with_its_gateway()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (dying, living) = (cluster.NewGateway(), cluster.NewGateway());
        await (await Recorder.OpenAsync(dying)).SubscribeAsync("t");
        Assert.Single((await living.GetTopicAsync(TopicName.Parse("t"), CancellationToken.None))!.Subscriptions);
        await dying.AbandonAsync();
        await Eventually.HoldsAsync(async () => (await living.GetTopicAsync(TopicName.Parse("t"), CancellationToken.None))!.Subscriptions.Count == 0);
    }

    [Fact]
    public async Task A_gateway_and_a_silo_die_together_and_the_subscription_of_the_session_ends()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (dying, living) = (cluster.NewGateway(), cluster.NewGateway());
        await (await Recorder.OpenAsync(dying)).SubscribeAsync("t");
        await dying.AbandonAsync();
        await cluster.Silos.KillSiloAsync(cluster.SiloOf("t"));
        await Eventually.HoldsAsync(async () => await living.StatsAsync() is { Subscriptions.Count: 0 });
    }

    [Fact]
    public async Task After_a_silence_of_its_gateway_a_session_whose_subscription_ended_is_told_and_a_named_one_misses_nothing()
    {
        var silent = Guid.Empty;
        await using var cluster = await TestCluster.StartAsync(more: silo => silo.AddIncomingGrainCallFilter(call => GatewayOf(call) == silent && silent != Guid.Empty
            ? throw new TimeoutException("nothing arrives")
            : call.Invoke()));
        var (gateway, other) = (cluster.NewGateway(), cluster.NewGateway());
        var unnamed = await Recorder.OpenAsync(gateway);
        var named = await Recorder.OpenAsync(gateway, new SessionIdentity { Name = "alice" });
        await unnamed.SubscribeAsync("t");
        await named.SubscribeAsync("t", new SubscribeOptions { Window = 10, LeaseMs = 500 });
        silent = gateway.Id;
        await Eventually.HoldsAsync(async () => (await other.StatsAsync())?.Subscriptions is [{ Key: "client:alice", Members: 0 }]);
        Assert.Equal(Outcome.Done, (await (await Recorder.OpenAsync(other)).PublishAsync("t", "missed")).Outcome);
        silent = Guid.Empty;
        await unnamed.UntilAsync(one => one.Closed is not null, "nobody was told");
        Assert.Equal(SessionEnd.Lost, unnamed.Closed);
        await named.UntilAsync(one => one.Delivered.Any(d => d.Id == "missed"), "the event did not come");
        Assert.Null(named.Closed);
        await named.UntilAsync(one => one.Delivered.Any(d => d.Tries == 2), "it has no lease any more");

        static Guid GatewayOf(IIncomingGrainCallContext call) => call.Grain is not Grains.Interfaces.ITopicGrain || call.Request.GetArgumentCount() == 0 ? Guid.Empty
            : call.Request.GetArgument(0) switch
            {
                Grains.Interfaces.ExchangeRequest exchange => exchange.Gateway,
                Grains.Interfaces.PullRequest pull => pull.Gateway,
                _ => Guid.Empty,
            };
    }

    [Fact]
    public async Task A_link_that_is_asked_for_twice_because_its_answer_was_lost_keeps_subscriptions_without_a_name()
    {
        var lost = 0;
        await using var cluster = await TestCluster.StartAsync(more: silo => silo.AddIncomingGrainCallFilter(async call =>
        {
            await call.Invoke();
            if (call.Grain is Grains.Interfaces.ITopicGrain && call.Request.GetArgument(0) is Grains.Interfaces.ExchangeRequest { Items.Length: > 0 } request
                && request.Epoch == Guid.Empty && Interlocked.Decrement(ref lost) >= 0)
            {
                throw new TimeoutException("the answer was lost");
            }
        }));
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        var publisher = await Recorder.OpenAsync(cluster.NewGateway());
        await client.SubscribeAsync("t", new SubscribeOptions { Window = 1000, LeaseMs = 500 });
        lost = 2;
        await cluster.DeactivateAsync("t");
        Assert.Equal(Outcome.Done, (await publisher.PublishAsync("t", "1")).Outcome);
        await client.UntilAsync(one => one.Delivered.Any(d => d.Id == "1"), "the event did not come");
        Assert.Null(client.Closed);
        Assert.True(lost < 0);
        await client.UntilAsync(one => one.Delivered.Any(d => d.Tries == 2), "it has no lease any more");
    }

    [Fact]
    public async Task A_name_is_taken_over_from_one_gateway_to_another()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (one, other) = (cluster.NewGateway(), cluster.NewGateway());
        var older = await Recorder.OpenAsync(one, new SessionIdentity { Name = "alice" });
        await older.SubscribeAsync("t");
        await older.PublishAsync("t", "1");
        await older.UntilAsync(o => o.Delivered.Count == 1, "the event did not come");

        var newer = await Recorder.OpenAsync(other, new SessionIdentity { Name = "alice" });
        Assert.Equal(SessionEnd.TakenOver, older.Closed);
        Assert.False((await newer.SubscribeAsync("t")).Flag);
        await newer.UntilAsync(n => n.Delivered.Count == 1, "what the older session had in flight did not come");
        Assert.Equal(Outcome.Unavailable, (await older.PublishAsync("t", "2")).Outcome);
    }

    [Fact]
    public async Task A_name_is_taken_over_although_the_registry_forgot_who_had_it()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3);
        var (one, other) = (cluster.NewGateway(), cluster.NewGateway());
        var older = await Recorder.OpenAsync(one, new SessionIdentity { Name = "alice" });
        var shard = Grains.Interfaces.RegistryShards.Of(null, "alice");
        await cluster.Silos.DeactivateAsync(cluster.Silos.Client.GetGrain<Grains.Interfaces.ISessionRegistryGrain>(shard).GetGrainId());
        _ = await Recorder.OpenAsync(other, new SessionIdentity { Name = "alice" });
        await older.UntilAsync(o => o.Closed == SessionEnd.TakenOver, "the older session was not told");
    }

    [Fact]
    public async Task No_session_slips_in_while_a_gateway_ends()
    {
        // The moment is short: many gateways end, each while sessions open. None has a name or a topic, so no cluster is asked.
        for (var round = 0; round < 500; round++)
        {
            var broker = new BrokerGateway.ClusterBroker(null!, new(), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
            using var start = new Barrier(3);
            var opening = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            {
                start.SignalAndWait();
                var opened = new List<Recorder>();
                try
                {
                    while (true)
                    {
                        opened.Add(await Recorder.OpenAsync(broker));
                    }
                }
                catch (BrokerUnavailableException)
                {
                    return opened;
                }
            })).ToList();
            await Task.Run(async () =>
            {
                start.SignalAndWait();
                await broker.DisposeAsync();
            });
            foreach (var recorder in (await Task.WhenAll(opening)).SelectMany(one => one))
            {
                Assert.Equal(SessionEnd.ShuttingDown, recorder.Closed);
            }

            Assert.Equal(0, broker.SessionCount);
        }
    }

    [Fact]
    public async Task What_comes_behind_the_end_of_a_session_is_answered_though_its_link_is_gone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var broker = cluster.NewGateway();
        var client = await Recorder.OpenAsync(broker);
        var (link, joined) = broker.Join(TopicName.Parse("t"), (BrokerGateway.ClusterSession)client.Session);
        await link.LeaveAsync(joined).WaitAsync(Recorder.Deadline);
        var commands = new TopicCommands();
        commands.Reset(TopicName.Parse("t"), 0);
        commands.Publish("\"1\""u8, "\"m\""u8);
        await link.ExecuteAsync(joined, commands).AsTask().WaitAsync(Recorder.Deadline);
        Assert.Equal((Outcome.Unavailable, "the session has ended"), (commands.Results[0].Outcome, commands.Results[0].Detail));
    }

    [Fact]
    public async Task A_session_that_left_in_one_call_with_commands_to_a_topic_there_is_not_is_forgotten()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = cluster.Topic("t");
        using var items = new Grains.Interfaces.FlatWriter();
        var acknowledgement = new TopicCommands();
        acknowledgement.Reset(TopicName.Parse("t"), 0);
        acknowledgement.Acknowledge("1"u8);
        foreach (var handle in new[] { 1, 2 })
        {
            Grains.Interfaces.ExchangeItems.Introduce(items, handle, new SessionIdentity());
            Grains.Interfaces.ExchangeItems.Commands(items, handle, acknowledgement);
        }

        Grains.Interfaces.ExchangeItems.Detach(items, 1);
        var reply = await topic.ExchangeAsync(new Grains.Interfaces.ExchangeRequest(Guid.NewGuid(), Guid.Empty, 1, items.ToArray()));
        Assert.Equal(Grains.Interfaces.LinkStatus.Done, reply.Status);
        Assert.True(cluster.Silos.TryGetGrainContext(topic.GetGrainId(), out var context));
        Assert.Equal(1, ((Grains.TopicGrain)context.GrainInstance!).SessionCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_name_that_is_taken_after_nobody_waits_for_it_any_more_is_given_up(bool cancelled)
    {
        var (held, asked) = (new TaskCompletionSource(), new TaskCompletionSource());
        var released = new System.Collections.Concurrent.ConcurrentQueue<Guid>();
        await using var cluster = await TestCluster.StartAsync(more: silo => silo.AddIncomingGrainCallFilter(async call =>
        {
            if (call.Grain is Grains.Interfaces.ISessionRegistryGrain && call.MethodName == "ClaimAsync")
            {
                asked.TrySetResult();
                await held.Task;
            }

            await call.Invoke();
            if (call.Grain is Grains.Interfaces.ISessionRegistryGrain && call.MethodName == "ReleaseAsync")
            {
                released.Enqueue(((Grains.Interfaces.SessionClaim)call.Request.GetArgument(0)!).Session);
            }
        }));
        var broker = cluster.NewGateway(TestCluster.GatewayOptions with { CallTimeout = cancelled ? TimeSpan.FromSeconds(30) : TimeSpan.FromMilliseconds(500) });
        var identity = new SessionIdentity { Name = "alice" };
        using var cancel = new CancellationTokenSource();
        var opening = broker.OpenAsync(identity, new Recorder(), cancel.Token).AsTask();
        await asked.Task.WaitAsync(Recorder.Deadline);
        if (cancelled)
        {
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        }
        else
        {
            await Assert.ThrowsAsync<BrokerUnavailableException>(() => opening);
        }

        Assert.Empty(released);
        held.SetResult();
        await Eventually.HoldsAsync(() => released.Contains(identity.Id));
        Assert.Equal(0, broker.SessionCount);
    }

    [Fact]
    public async Task While_the_cluster_is_lost_commands_are_refused_at_once_and_it_is_found_again_without_any()
    {
        await using var cluster = await TestCluster.StartAsync();
        var broker = cluster.NewGateway(TestCluster.GatewayOptions with { MaxRetryDelay = TimeSpan.FromSeconds(1) });
        var client = await Recorder.OpenAsync(broker);
        broker.ClusterLost();
        var refused = client.PublishAsync("t", "1");
        Assert.True(refused.IsCompleted);
        Assert.Equal(Outcome.Unavailable, (await refused).Outcome);
        await Eventually.HoldsAsync(() => broker.IsReachable);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "1")).Outcome);
    }

    [Fact]
    public async Task A_gateway_is_not_ready_while_the_catalogue_cannot_be_read_although_silos_are_reached()
    {
        await using var cluster = await TestCluster.StartAsync();
        var broker = cluster.NewGateway();
        cluster.Storage.Before = (what, key) =>
            what == "read" && key.StartsWith("catalog/", StringComparison.Ordinal) ? throw new IOException("no primary") : Task.CompletedTask;
        Assert.Equal("the catalogue of topics cannot be read", await broker.WhyNotReadyAsync());
        cluster.Storage.Before = null;
        await Eventually.HoldsAsync(async () => await broker.WhyNotReadyAsync() is null);
        broker.ClusterLost();
        Assert.Equal("no cluster", await broker.WhyNotReadyAsync());
    }

    [Fact]
    public async Task A_topic_beyond_the_limit_is_refused()
    {
        var options = TestCluster.Options with { Limits = new BrokerLimits { MaxTopics = 2 } };
        await using var cluster = await TestCluster.StartAsync(options: options);
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        Assert.Equal(Outcome.Done, (await client.PublishAsync("a", "1")).Outcome);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("b", "1")).Outcome);
        var refused = await client.PublishAsync("c", "1");
        Assert.Equal(Outcome.Refused, refused.Outcome);
        Assert.Contains("2 topics", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("a", "2")).Outcome);
    }

    [Fact]
    public async Task Credit_bounds_what_is_sent_and_more_credit_lets_it_go_on()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await Recorder.OpenAsync(cluster.NewGateway());
        var cost = 3 + 3 + Delivery.Overhead;
        await client.SubscribeAsync("t", new SubscribeOptions { Window = 1000, Credit = 3 * cost });
        for (var i = 1; i <= 9; i++)
        {
            await client.PublishAsync("t", $"{i}");
        }

        await client.UntilAsync(one => one.Delivered.Count == 3, "the credit was not used");
        client.Session.Grant(TopicName.Parse("t"), 4 * cost);
        await client.UntilAsync(one => one.Delivered.Count == 7, "the grant was not used");
        await cluster.DeactivateAsync("t");
        client.Session.Grant(TopicName.Parse("t"), 9 * cost);
        await client.UntilAsync(one => one.Delivered.Any(d => d.Id == "9"), "a grant behind a move was not used");
    }

    [Fact]
    public async Task Credit_granted_while_the_topic_cannot_be_reached_counts_once_and_so_does_what_is_granted_after()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await Recorder.OpenAsync(cluster.NewGateway(TestCluster.GatewayOptions with { CallTimeout = TimeSpan.FromSeconds(1) }));
        var cost = 3 + 3 + Delivery.Overhead;
        await client.SubscribeAsync("t", new SubscribeOptions { Window = 1000, Credit = 3 * cost });
        for (var i = 1; i <= 9; i++)
        {
            await client.PublishAsync("t", $"{i}");
        }

        await client.UntilAsync(one => one.Delivered.Count == 3, "the credit was not used");
        var reads = 0;
        cluster.Storage.Before = (what, key) =>
        {
            if (what == "read" && key.Contains("topiclog/t/", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref reads);
                throw new TimeoutException("no answer");
            }

            return Task.CompletedTask;
        };

        // The topic is asked for a new link, and so recovered, only once the gateway knows that the old link is gone.
        await cluster.DeactivateAsync("t");
        await Eventually.HoldsAsync(() => Volatile.Read(ref reads) > 0);
        client.Session.Grant(TopicName.Parse("t"), 3 * cost);

        // What was handed in before is given up when this is, or before.
        Assert.Equal(Outcome.Unavailable, (await client.PublishAsync("t", "x")).Outcome);
        cluster.Storage.Before = null;
        await client.UntilAsync(one => one.Delivered.Count == 6, "what was granted while there was no link was not used");
        client.Session.Grant(TopicName.Parse("t"), 6 * cost);
        await client.UntilAsync(one => one.Delivered.Any(d => d.Id == "9"), "what was granted behind it was not used");

        // There is no credit for another one: it would have been delivered before the acknowledgement is answered.
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "10")).Outcome);
        Assert.Equal(Outcome.Done, (await client.AcknowledgeAsync("t", 1)).Outcome);
        Assert.Equal([1L, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9], client.Delivered.Select(one => one.Sequence));
    }

    [Fact]
    public async Task A_call_to_the_catalogue_that_fails_is_unavailable_and_the_next_publish_makes_the_topic()
    {
        var failures = 1;
        await using var cluster = await TestCluster.StartAsync(more: silo => silo.AddIncomingGrainCallFilter(call =>
            call.Grain is Grains.Interfaces.ITopicCatalogGrain && call.MethodName == "AddAsync" && Interlocked.Decrement(ref failures) >= 0
                ? throw new TimeoutException("no answer")
                : call.Invoke()));
        var client = await Recorder.OpenAsync(cluster.NewGateway(TestCluster.GatewayOptions with { CallTimeout = TimeSpan.FromSeconds(3) }));
        var refused = await client.PublishAsync("t", "1");
        Assert.Equal(Outcome.Unavailable, refused.Outcome);
        Assert.Contains("catalogue", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(Outcome.Done, (await client.PublishAsync("t", "1")).Outcome);
    }
}
