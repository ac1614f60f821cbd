using Microsoft.Extensions.Logging;
using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.BrokerGateway;

/// <content>What goes to the topic.</content>
internal sealed partial class TopicLink
{
    private const int MostItems = 4096;
    private const string Overloaded = "it has more calls waiting than it may have; try again later";
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(20);

    private const string Restarted = "it had ended, and what was published meanwhile is lost to it";

    private readonly TopicCommands _resume = new();
    private Making? _making;

    private async Task PumpAsync()
    {
        var items = new List<LinkItem>();
        while (Take(items))
        {
            using var activity = GatewayMetrics.StartExchange(topic.Value, items.Count);
            var began = Time.GetTimestamp();
            try
            {
                await ExchangeAsync(items).ConfigureAwait(false);
                GatewayMetrics.Exchanged(Time.GetElapsedTime(began));
            }
#pragma warning disable CA1031 // A mistake in the program must not leave clients without an answer.
            catch (Exception error)
#pragma warning restore CA1031
            {
                GatewayLog.LinkBroken(Logger, topic.Value, error);
                Unlink(_epoch);
                Fail(items, unknown: true, "a mistake in the program");
            }
        }
    }

    private bool Take(List<LinkItem> items)
    {
        items.Clear();
        lock (_gate)
        {
            if (_retired || (_queue.Count == 0 && !_linkWanted) || broker.IsStopped)
            {
                _pumping = false;
                while (broker.IsStopped && _queue.TryDequeue(out var item))
                {
                    items.Add(item);
                }
            }
            else
            {
                var bytes = 0;
                while (bytes < Options.CallBytes && items.Count < MostItems && _queue.TryDequeue(out var item))
                {
                    items.Add(item);
                    bytes += item.Commands?.Bytes ?? 0;
                }

                return true;
            }
        }

        Fail(items, unknown: false, "the gateway is shutting down");
        return false;
    }

    /// <summary>Sends items until the topic has answered or their time is over.</summary>
    private async Task ExchangeAsync(List<LinkItem> items)
    {
        var began = items.Count > 0 ? items[0].Since : Time.GetTimestamp();
        var delay = FirstRetryDelay;
        var maybe = false;
        var why = "it did not answer in time";
        ExchangeRequest? request = null;
        while (true)
        {
            var left = Options.CallTimeout - Time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                Fail(items, maybe, why);
                return;
            }

            try
            {
                if (CurrentEpoch() == Guid.Empty)
                {
                    if (maybe && !KeepRepeatable(items))
                    {
                        return;
                    }

                    request = null;
                    why = await LinkAsync(Min(left, Options.AttemptTimeout)).ConfigureAwait(false) ?? why;
                    if (CurrentEpoch() == Guid.Empty)
                    {
                        await PauseAsync(ref delay).ConfigureAwait(false);
                    }

                    continue;
                }

                request ??= Request(items);
                if (request.Items.Length == 0)
                {
                    Finish(items);
                    return;
                }

                var reply = await grain.ExchangeAsync(request).WaitAsync(Min(left, Options.AttemptTimeout), Time).ConfigureAwait(false);
                switch (reply.Status)
                {
                    case LinkStatus.Done:
                        Finish(items, reply.Results, request.Epoch, reply.After);
                        return;
                    case LinkStatus.NotLinked:
                        Unlink(request.Epoch);
                        continue;
                    case LinkStatus.Unavailable:
                        why = reply.Detail ?? why;
                        break;
                    default:
                        Fail(items, unknown: true, "a later call was there before it");
                        return;
                }
            }
            catch (Exception error) when (CallErrors.WasRefused(error))
            {
                GatewayMetrics.Refused();
                why = Overloaded;
            }
            catch (Exception error) when (CallErrors.WasNotExecuted(error))
            {
                why = Explain(error);
            }
#pragma warning disable CA1031 // Whatever went wrong on the way: it may have arrived.
            catch (Exception error) when (error is not InvalidDataException)
#pragma warning restore CA1031
            {
                why = Explain(error);
                maybe |= request is not null;
            }

            await PauseAsync(ref delay).ConfigureAwait(false);
        }
    }

    /// <summary>What clients are told; what the runtime says of itself is for the log.</summary>
    private string Explain(Exception error)
    {
        GatewayLog.CallFailed(Logger, CallErrors.IsOrdinary(error) ? LogLevel.Debug : LogLevel.Warning, topic.Value, error);
        return CallErrors.Explain(error);
    }

    /// <summary>
    /// Whoever may have executed the items is gone, and its successor cannot know. Numbered events it stores once, so those
    /// can be said again; the rest is answered.
    /// </summary>
    /// <returns>Whether any are left.</returns>
    private bool KeepRepeatable(List<LinkItem> items)
    {
        Fail(items.FindAll(static item => !item.IsRepeatable), unknown: true, "the topic moved");
        items.RemoveAll(static item => !item.IsRepeatable);
        return items.Count > 0;
    }

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
                session.KnownTo = reply.Epoch;
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
        GatewayLog.NotResumed(Logger, session.Session.Identity.Id, topic.Value, result.Outcome == Outcome.Done ? Restarted : result.Detail ?? $"{result.Outcome}");
        _ = session.Session.EndAsync(SessionEnd.Lost);
    }

    private ExchangeRequest Request(List<LinkItem> items)
    {
        using var writer = new FlatWriter();
        lock (_gate)
        {
            foreach (var item in items)
            {
                var session = item.Session;
                var isKnown = session.KnownTo == _epoch;
                if (item.Commands is { } commands)
                {
                    if (!isKnown)
                    {
                        Introduce(writer, session);
                        session.KnownTo = _epoch;
                    }

                    ExchangeItems.Commands(writer, session.Handle, commands);
                }
                else if (isKnown && item.Leaves)
                {
                    ExchangeItems.Detach(writer, session.Handle);
                }
                else if (isKnown)
                {
                    session.HasGrant = false;
                    ExchangeItems.Grant(writer, session.Handle, session.Granted);
                }
                else
                {
                    session.HasGrant = false;
                }
            }

            return new ExchangeRequest(broker.Id, _epoch, broker.NextNumber(), writer.ToArray());
        }
    }

    // What was granted before is part of the credit that a subscription begins with, not more of it.
    private static void Introduce(FlatWriter writer, LinkSession session)
    {
        ExchangeItems.Introduce(writer, session.Handle, session.Session.Identity);
        ExchangeItems.Grant(writer, session.Handle, session.Granted);
    }

    private void Finish(List<LinkItem> items, byte[]? results = null, Guid epoch = default, long after = 0)
    {
        var reader = new FlatReader(results ?? []);
        foreach (var item in items)
        {
            if (item.Commands is { } commands)
            {
                ResultCodec.Read(ref reader, commands);
                lock (_gate)
                {
                    item.Session.Done(commands, broker.Metrics);
                    if (after > _received && epoch == _epoch && _pulling && !item.IsPublish)
                    {
                        _behind.Enqueue((after, item));
                        continue;
                    }
                }
            }

            if (item.Leaves)
            {
                Forget(item.Session);
            }

            item.Complete();
        }
    }

    /// <summary>Answers what the topic did not. What a session granted, and that it left, has to be said all the same.</summary>
    private void Fail(List<LinkItem> items, bool unknown, string why)
    {
        if (unknown && items.Count > 0)
        {
            GatewayLog.Unknown(Logger, topic.Value, items.Count, why);
        }
        else if (items.Count > 0)
        {
            GatewayLog.Unreachable(Logger, topic.Value, why);
        }

        foreach (var item in items)
        {
            // It may not have heard of the session; to introduce it once more does no harm.
            item.Session.KnownTo = Guid.Empty;
            if (item.Commands is { } commands)
            {
                LinkItem.Fail(
                    commands,
                    unknown ? Outcome.Unknown : Outcome.Unavailable,
                    unknown ? $"the topic may or may not have done it: {why}" : $"the topic cannot be reached: {why}");
                broker.Metrics.Failed(unknown);
            }
            else if (CurrentEpoch() == Guid.Empty || broker.IsStopped)
            {
                // A new link begins without a session that left, and with the credit of those that are here.
                if (item.Leaves)
                {
                    Forget(item.Session);
                }
                else
                {
                    Ungrant(item.Session);
                }
            }
            else
            {
                Again(item);
            }

            item.Complete();
        }
    }

    /// <summary>No grant waits any more: the next one has to be sent by itself.</summary>
    private void Ungrant(LinkSession session)
    {
        lock (_gate)
        {
            session.HasGrant = false;
        }
    }

    private void Again(LinkItem item)
    {
        lock (_gate)
        {
            // Whom the topic has not heard of has nothing to take back; what it knows it has to hear.
            item.Session.KnownTo = _epoch;
            item.Session.HasGrant |= !item.Leaves;
            Add(new LinkItem(item.Session, null, item.Leaves, Time.GetTimestamp()));
        }
    }

    private Guid CurrentEpoch()
    {
        lock (_gate)
        {
            return _epoch;
        }
    }

    /// <summary>A link that is being made.</summary>
    /// <param name="Request">The call.</param>
    /// <param name="Resumed">The sessions in it, and what each had granted.</param>
    private sealed record Making(ExchangeRequest Request, List<(LinkSession Session, long Granted)> Resumed);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
