using Rookery.Broker;

namespace Rookery.BrokerGateway;

/// <summary>A session of a client of this gateway.</summary>
internal sealed class ClusterSession(SessionIdentity identity, ISessionReceiver receiver, ClusterBroker broker) : IBrokerSession
{
    internal const string Ended = "the session has ended";

    private readonly Lock _gate = new();
    private readonly Dictionary<TopicName, (TopicLink Link, LinkSession Joined)> _links = [];
    private Task? _end;

    public SessionIdentity Identity => identity;

    public ValueTask ExecuteAsync(TopicCommands commands)
    {
        (TopicLink Link, LinkSession Joined) place;
        lock (_gate)
        {
            if (_end is not null)
            {
                LinkItem.Fail(commands, Outcome.Unavailable, Ended);
                return default;
            }

            if (!_links.TryGetValue(commands.Topic, out place))
            {
                if (!Concerns(commands))
                {
                    // Nothing can be in flight to a session without a name that never spoke to the topic.
                    foreach (ref var result in commands.Results)
                    {
                        result = new CommandResult { Outcome = Outcome.NotSubscribed };
                    }

                    return default;
                }

                place = broker.Join(commands.Topic, this);
                _links.Add(commands.Topic, place);
            }
        }

        return place.Link.ExecuteAsync(place.Joined, commands);
    }

    public void Grant(TopicName topic, long bytes)
    {
        (TopicLink Link, LinkSession Joined) place;
        lock (_gate)
        {
            if (_end is not null || !_links.TryGetValue(topic, out place))
            {
                return;
            }
        }

        place.Link.Grant(place.Joined, bytes);
    }

    public ValueTask DisposeAsync() => new(EndAsync(reason: null));

    /// <summary>Ends the session; completes when it has left its topics, or the time for it is over, and was told why.</summary>
    public Task EndAsync(SessionEnd? reason)
    {
        lock (_gate)
        {
            return _end ??= EndAsync(reason, [.. _links.Values]);
        }
    }

    /// <summary>Passes deliveries on. A receiver that fails ends its session, and nothing else.</summary>
    public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
    {
        try
        {
            receiver.Deliver(topic, after, deliveries);
        }
#pragma warning disable CA1031 // It is somebody else's code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GatewayLog.ReceiverFailed(broker.Logger, identity.Id, exception);
            _ = EndAsync(SessionEnd.Lost);
        }
    }

    /// <summary>Tells that a topic was dropped.</summary>
    public void Dropped(TopicName topic, long after)
    {
        try
        {
            receiver.Dropped(topic, after);
        }
#pragma warning disable CA1031 // It is somebody else's code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GatewayLog.ReceiverFailed(broker.Logger, identity.Id, exception);
            _ = EndAsync(SessionEnd.Lost);
        }
    }

    /// <summary>Whether a topic has to be asked that the session has not spoken to.</summary>
    private bool Concerns(TopicCommands commands)
    {
        if (identity.Name is not null)
        {
            return true;
        }

        foreach (ref readonly var command in commands.Commands)
        {
            var ofOthers = command.Id.Length > 0
                && command.Kind is (CommandKind.Unsubscribe or CommandKind.ListDead or CommandKind.ReplayDead or CommandKind.DiscardDead);
            if (ofOthers || command.Kind is CommandKind.Publish or CommandKind.Subscribe or CommandKind.DropTopic)
            {
                return true;
            }
        }

        return false;
    }

    private async Task EndAsync(SessionEnd? reason, (TopicLink Link, LinkSession Joined)[] places)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await Task.WhenAll(places.Select(place => place.Link.LeaveAsync(place.Joined))).ConfigureAwait(false);
        if (reason is { } told)
        {
            try
            {
                receiver.Close(told);
            }
#pragma warning disable CA1031 // It is somebody else's code.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                GatewayLog.ReceiverFailed(broker.Logger, identity.Id, exception);
            }
        }

        await broker.EndedAsync(this, released: reason != SessionEnd.TakenOver).ConfigureAwait(false);
    }
}
