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
                Unlink(CurrentEpoch());
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

    private ExchangeRequest Request(List<LinkItem> items)
    {
        using var writer = new FlatWriter();
        lock (_gate)
        {
            var number = broker.NextNumber();
            foreach (var item in items)
            {
                Write(writer, item, number);
            }

            return new ExchangeRequest(broker.Id, _epoch, number, writer.ToArray());
        }
    }

    private void Write(FlatWriter writer, LinkItem item, long number)
    {
        var session = item.Session;
        if (item.Commands is { } commands)
        {
            if (session.KnownTo != _epoch && session.IntroducedBy != number)
            {
                Introduce(writer, session);
                (session.NamedTo, session.IntroducedBy) = (_epoch, number);
            }

            ExchangeItems.Commands(writer, session.Handle, commands);
            return;
        }

        // The topic passes over what is said of a session that it has never heard of.
        session.HasGrant &= item.Leaves;
        if (session.NamedTo == _epoch && item.Leaves)
        {
            ExchangeItems.Detach(writer, session.Handle);
        }
        else if (session.NamedTo == _epoch)
        {
            ExchangeItems.Grant(writer, session.Handle, session.Granted);
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
                item.IsAnswered = true;
                lock (_gate)
                {
                    // The call arrived, and with it the introduction of whoever is in it.
                    item.Session.KnownTo = epoch;
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
            if (item.IsAnswered)
            {
                // The answer was damaged behind this one's: what was told stays told, and its commands may be others by now.
                continue;
            }

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

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
