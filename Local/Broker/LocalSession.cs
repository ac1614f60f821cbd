using Microsoft.Extensions.Logging;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>A session of the one-process broker.</summary>
internal sealed class LocalSession(
    SessionIdentity identity, ISessionReceiver receiver, JournalKeeper keeper, SessionRegistry registry, ILogger logger)
    : IBrokerSession, ISessionReceiver
{
    /// <summary>Why commands of a session that ended are refused.</summary>
    public const string Ended = "the session has ended";

    private readonly Lock _gate = new();
    private readonly Dictionary<TopicName, TopicLink> _links = [];
    private Task? _end;

    public SessionIdentity Identity => identity;

    public ValueTask ExecuteAsync(TopicCommands commands)
    {
        if (!keeper.IsServing)
        {
            BatchRun.Refuse(commands, keeper.WhyUnavailable);
            return default;
        }

        while (true)
        {
            TopicLink? link;
            CommandResult refusal = default;
            lock (_gate)
            {
                if (_end is not null)
                {
                    BatchRun.Refuse(commands, Ended);
                    return default;
                }

                if (!_links.TryGetValue(commands.Topic, out link) || link.Mailbox.IsClosed)
                {
                    link = NewLink(commands, out refusal);
                }
            }

            if (link is null)
            {
                AnswerWithoutTopic(commands, refusal);
                return default;
            }

            // A topic that is given back at this very moment is asked for again.
            if (BatchRun.TryStart(link, commands, out var result))
            {
                return result;
            }
        }
    }

    /// <summary>The topic was given back.</summary>
    public void Forget(TopicLink link)
    {
        lock (_gate)
        {
            if (_links.GetValueOrDefault(link.Mailbox.Topic) == link)
            {
                _links.Remove(link.Mailbox.Topic);
            }
        }
    }

    public void Grant(TopicName topic, long bytes)
    {
        TopicLink? link;
        lock (_gate)
        {
            _links.TryGetValue(topic, out link);
        }

        link?.Grant(bytes);
    }

    public ValueTask DisposeAsync() => new(EndAsync(reason: null));

    /// <summary>Ends the session; completes when it is detached from every topic and, where there is a reason, was told it.</summary>
    public Task EndAsync(SessionEnd? reason)
    {
        lock (_gate)
        {
            return _end ??= End(reason, [.. _links.Values]);
        }
    }

    private async Task End(SessionEnd? reason, TopicLink[] links)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await Task.WhenAll(links.Select(link => link.DetachAsync())).ConfigureAwait(false);
        if (reason is { } told)
        {
            ((ISessionReceiver)this).Close(told);
        }

        registry.Remove(this);
    }

    /// <summary>Passes deliveries on. A receiver that fails ends its session, and nothing else.</summary>
    void ISessionReceiver.Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
    {
        try
        {
            receiver.Deliver(topic, after, deliveries);
            if (keeper.Traces.Any)
            {
                keeper.Traces.Delivered(topic, deliveries);
            }
        }
        catch (Exception exception)
        {
            BrokerLog.ReceiverFailed(logger, identity.Id, exception);
            _ = EndAsync(SessionEnd.Lost);
        }
    }

    void ISessionReceiver.Dropped(TopicName topic, long after)
    {
        try
        {
            receiver.Dropped(topic, after);
        }
        catch (Exception exception)
        {
            BrokerLog.ReceiverFailed(logger, identity.Id, exception);
            _ = EndAsync(SessionEnd.Lost);
        }
    }

    void ISessionReceiver.Close(SessionEnd reason)
    {
        try
        {
            receiver.Close(reason);
        }
        catch (Exception exception)
        {
            BrokerLog.ReceiverFailed(logger, identity.Id, exception);
        }
    }

    /// <summary>Links the session to a topic that there is or that the commands make.</summary>
    private TopicLink? NewLink(TopicCommands commands, out CommandResult refusal)
    {
        refusal = default;

        // It may close at any moment from now on, even before this one is over: whoever posts to it finds out, and asks again.
        var mailbox = Makes(commands) ? keeper.GetOrCreate(commands.Topic, out refusal) : keeper.Topics.Find(commands.Topic);
        if (mailbox is null)
        {
            return null;
        }

        var link = new TopicLink(mailbox, new TopicSession(identity, this), this);
        _links[commands.Topic] = link;
        return link;
    }

    /// <summary>Answers commands to a topic that there is not, and that cannot be made.</summary>
    private static void AnswerWithoutTopic(TopicCommands commands, CommandResult refusal)
    {
        for (var i = 0; i < commands.Results.Length; i++)
        {
            var kind = commands.Commands[i].Kind;
            commands.Results[i] = Makes(kind) ? refusal
                : new CommandResult { Outcome = kind == CommandKind.DropTopic ? Outcome.NoSuchTopic : Outcome.NotSubscribed };
        }
    }

    private static bool Makes(TopicCommands commands)
    {
        foreach (ref readonly var command in commands.Commands)
        {
            if (Makes(command.Kind))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Makes(CommandKind kind) => kind is CommandKind.Publish or CommandKind.Subscribe;
}
