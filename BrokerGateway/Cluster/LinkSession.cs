using Rookery.Broker;

namespace Rookery.BrokerGateway;

/// <summary>
/// One session at one topic, as its gateway keeps it: enough to subscribe again where the topic moved. Guarded by its link.
/// </summary>
internal sealed class LinkSession(ClusterSession session, int handle)
{
    private SubscribeOptions? _began;
    private bool _changed;
    private long _grantedBefore;
    private long _delivered;

    public ClusterSession Session => session;

    public int Handle => handle;

    /// <summary>The epoch that has said that it knows the handle: it need not be introduced there again, which would do no harm.</summary>
    public Guid KnownTo { get; set; }

    /// <summary>The epoch that may know the handle, as a call that introduced it was sent there: it has to hear of grants, and of the end.</summary>
    public Guid NamedTo { get; set; }

    /// <summary>Number of the call that introduced it last.</summary>
    public long IntroducedBy { get; set; }

    /// <summary>It has asked for a subscription: deliveries may come.</summary>
    public bool IsInterested { get; private set; }

    public bool IsSubscribed { get; private set; }

    /// <summary>Bytes granted in all.</summary>
    public long Granted { get; private set; }

    /// <summary>A grant waits to be sent.</summary>
    public bool HasGrant { get; set; }

    public bool HasLeft { get; set; }

    /// <summary>What it takes to subscribe again, with the credit that is left.</summary>
    public SubscribeOptions Resume()
    {
        var credit = _began!.Credit;
        if (credit != long.MaxValue && !_changed)
        {
            credit = Math.Max(0, credit + Granted - _grantedBefore - Interlocked.Read(ref _delivered));
        }

        return new SubscribeOptions { Group = _began.Group, Window = _began.Window, Credit = credit };
    }

    public void Grant(long bytes) => Granted = Granted > long.MaxValue - bytes ? long.MaxValue : Granted + bytes;

    public void Delivered(long cost) => Interlocked.Add(ref _delivered, cost);

    /// <summary>Commands are on their way.</summary>
    public void Sending(TopicCommands commands)
    {
        foreach (ref readonly var command in commands.Commands)
        {
            if (command.Kind == CommandKind.Subscribe)
            {
                IsInterested = true;
                if (_began is null)
                {
                    _began = command.Options ?? new SubscribeOptions();
                    (_grantedBefore, _delivered) = (Granted, 0);
                }
            }
            else if (command.Kind == CommandKind.Unsubscribe && command.Id.Length == 0)
            {
                // What is delivered meanwhile cannot be told apart from what a next subscription will deliver.
                _changed = true;
            }
        }
    }

    /// <summary>Commands have their results.</summary>
    public void Done(TopicCommands commands, GatewayMetrics metrics)
    {
        long published = 0;
        long acknowledged = 0;
        for (var i = 0; i < commands.Commands.Length; i++)
        {
            ref readonly var command = ref commands.Commands[i];
            ref var result = ref commands.Results[i];
            if (result.Outcome != Outcome.Done)
            {
                continue;
            }

            switch (command.Kind)
            {
                case CommandKind.Publish:
                    published++;
                    break;
                case CommandKind.AcknowledgeId:
                    acknowledged++;
                    break;
                case CommandKind.AcknowledgeRanges:
                    acknowledged += result.Count;
                    break;
                case CommandKind.Subscribe:
                    var options = command.Options ?? new SubscribeOptions();
                    _began = IsSubscribed
                        ? _began! with { Window = options.Window ?? _began.Window }
                        : options;
                    IsSubscribed = true;
                    break;
                case CommandKind.Unsubscribe when command.Id.Length == 0:
                    IsSubscribed = false;
                    break;
                default:
                    break;
            }
        }

        metrics.Settled(published, acknowledged);
    }

    /// <summary>The topic did not take the subscription up again.</summary>
    public void Lost() => IsSubscribed = false;
}
