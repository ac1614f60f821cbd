using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.BrokerGateway;

/// <content>What comes from the topic.</content>
internal sealed partial class TopicLink
{
    private async Task PullAsync()
    {
        var delay = FirstRetryDelay;
        var epoch = Guid.Empty;
        while (true)
        {
            Task linked;
            lock (_gate)
            {
                if (broker.IsStopped || _retired || !_sessions.Values.Any(one => one.IsInterested && !one.HasLeft))
                {
                    _pulling = false;
                    Release(long.MaxValue);
                    return;
                }

                epoch = _epoch;
                linked = _linked.Task;
            }

            if (epoch == Guid.Empty)
            {
                Unlink(epoch);
                await Task.WhenAny(linked, Task.Delay(Options.PullTimeout, Time)).ConfigureAwait(false);
                continue;
            }

            try
            {
                GatewayMetrics.Pulled();
                var reply = await grain.PullAsync(new PullRequest(broker.Id, epoch, _received)).WaitAsync(Options.PullTimeout, Time).ConfigureAwait(false);
                if (reply.Status != LinkStatus.Done || reply.Epoch != epoch)
                {
                    Unlink(epoch);
                }
                else if (reply.Number == _received + 1 && CurrentEpoch() == epoch)
                {
                    Deliver(reply.Deliveries);
                    lock (_gate)
                    {
                        _received = epoch == _epoch ? reply.Number : 0;
                        Release(reply.Number);
                    }
                }

                delay = FirstRetryDelay;
                continue;
            }
#pragma warning disable CA1031 // The next call will tell.
            catch (Exception error)
#pragma warning restore CA1031
            {
                GatewayLog.Unreachable(Logger, topic.Value, error.Message);
            }

            await PauseAsync(ref delay).ConfigureAwait(false);
        }
    }

    private void Deliver(byte[] bytes)
    {
        var reader = new FlatReader(bytes);
        var deliveries = new Delivery[64];
        while (!reader.AtEnd)
        {
            var (handle, after, count) = DeliveryCodec.ReadHead(ref reader);
            if (count > deliveries.Length)
            {
                deliveries = new Delivery[Math.Max(count, deliveries.Length * 2)];
            }

            var run = deliveries.AsSpan(0, count);
            DeliveryCodec.Read(ref reader, run);
            LinkSession? session;
            lock (_gate)
            {
                _sessions.TryGetValue(handle, out session);
            }

            if (session is null || session.HasLeft)
            {
                continue;
            }

            if (count == 0)
            {
                lock (_gate)
                {
                    session.Lost();
                }

                session.Session.Dropped(topic, after);
                continue;
            }

            var cost = 0L;
            foreach (ref readonly var delivery in run)
            {
                cost += delivery.Cost;
            }

            session.Delivered(cost);
            broker.Metrics.Deliver(count);
            session.Session.Deliver(topic, after, run);
        }
    }
}
