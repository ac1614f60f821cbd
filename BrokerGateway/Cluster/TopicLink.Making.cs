using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.BrokerGateway;

/// <content>How the link is made, and made anew.</content>
internal sealed partial class TopicLink
{
    private const string Restarted = "it had ended, and what was published meanwhile is lost to it";

    private readonly TopicCommands _resume = new();
    private Making? _making;

    /// <summary>
    /// Makes the link, with every session that is subscribed. A call whose outcome is not known is repeated as it was: so it is recognised,
    /// and answered as the first time.
    /// </summary>
    /// <returns>Why it was not made; null: it was.</returns>
    private async Task<string?> LinkAsync(TimeSpan timeout)
    {
        Making making;
        lock (_gate)
        {
            _making = _making is { } before && !before.Resumed.Exists(static one => one.Session.HasLeft) ? before : NewMaking();
            making = _making;
        }

        var reply = await grain.ExchangeAsync(making.Request).WaitAsync(timeout, Time).ConfigureAwait(false);
        lock (_gate)
        {
            _making = null;
        }

        if (reply.Status != LinkStatus.Done)
        {
            return reply.Detail ?? "the topic moves";
        }

        GatewayMetrics.Linked();
        GatewayLog.Linked(Logger, topic.Value, reply.Epoch, making.Resumed.Count);
        var results = ResultsOf(making, reply.Results);
        if (results.Find(static one => one.Outcome is Outcome.Unavailable or Outcome.Unknown) is { Detail: { } notNow })
        {
            return notNow;
        }

        lock (_gate)
        {
            foreach (var ((session, granted), result) in making.Resumed.Zip(results))
            {
                session.KnownTo = session.NamedTo = reply.Epoch;
                if (result is { Outcome: Outcome.Done, Flag: false })
                {
                    GrantMore(session, granted);
                }
                else
                {
                    End(session, result);
                }
            }

            (_epoch, _received, _linkWanted) = (reply.Epoch, 0, false);
            _linked.TrySetResult();
            StartPull();
        }

        return null;
    }

    private Making NewMaking()
    {
        using var writer = new FlatWriter();
        var resumed = new List<(LinkSession Session, long Granted)>();
        foreach (var session in _sessions.Values.Where(static one => one.IsSubscribed && !one.HasLeft))
        {
            Introduce(writer, session);
            _resume.Reset(topic, 0);
            _resume.Subscribe(session.Resume());
            ExchangeItems.Commands(writer, session.Handle, _resume);
            resumed.Add((session, session.Granted));
        }

        return new Making(new ExchangeRequest(broker.Id, Guid.Empty, broker.NextNumber(), writer.ToArray()), resumed);
    }

    private List<CommandResult> ResultsOf(Making making, byte[] bytes)
    {
        var results = new List<CommandResult>(making.Resumed.Count);
        var reader = new FlatReader(bytes);
        for (var i = 0; i < making.Resumed.Count; i++)
        {
            ResultCodec.Read(ref reader, _resume);
            results.Add(_resume.Results[0]);
        }

        return results;
    }

    /// <summary>What was granted since the link was asked for first.</summary>
    private void GrantMore(LinkSession session, long granted)
    {
        if (session.Granted != granted && !session.HasGrant && !session.HasLeft)
        {
            session.HasGrant = true;
            Add(new LinkItem(session, null, leaves: false, Time.GetTimestamp()));
        }
    }

    /// <summary>
    /// Ends a session whose subscription could not be taken up again, or had ended and began anew: it has missed what came meanwhile, and must
    /// not believe that it has not.
    /// </summary>
    private void End(LinkSession session, in CommandResult result)
    {
        session.Lost();
        GatewayMetrics.SubscriptionLost();
        var why = result.Outcome == Outcome.Done ? Restarted : result.Detail ?? $"{result.Outcome}";
        GatewayLog.NotResumed(Logger, session.Session.Identity.Id, topic.Value, why);
        _ = session.Session.EndAsync(SessionEnd.Lost);
    }

    /// <summary>A link that is being made.</summary>
    /// <param name="Request">The call.</param>
    /// <param name="Resumed">The sessions in it, and what each had granted.</param>
    private sealed record Making(ExchangeRequest Request, List<(LinkSession Session, long Granted)> Resumed);
}
