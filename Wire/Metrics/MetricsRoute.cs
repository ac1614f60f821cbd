using System.Text;
using Microsoft.AspNetCore.Http;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// <c>/metrics</c>: what the meters count, the broker as a whole, and each topic with its subscriptions; of these the first
/// <see cref="MostTopics"/>, so that a scrape stays small.
/// </summary>
internal sealed class MetricsRoute(IBroker broker, MetricsCollector collector, bool ofTopics)
{
    private const int MostTopics = 500;
    private const int MostSubscriptions = 20;

    public void Map(HttpRoutes routes) => routes.Administrator("GET", "/metrics", "metrics", AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        var text = new PrometheusText();
        try
        {
            WriteBroker(text, await broker.GetStatsAsync(context.RequestAborted).ConfigureAwait(false));
            if (ofTopics)
            {
                WriteTopics(text, await broker.GetTopicsAsync(context.RequestAborted).ConfigureAwait(false));
            }
        }
        catch (BrokerUnavailableException)
        {
            // What the meters count says why, and is needed then.
        }

        collector.Write(text);
        context.Response.ContentType = PrometheusText.ContentType;
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), context.RequestAborted).ConfigureAwait(false);
    }

    private static void WriteBroker(PrometheusText text, BrokerStats stats)
    {
        One("rookery_broker_published_total", "counter", "Events stored", stats.Published);
        One("rookery_broker_delivered_total", "counter", "Deliveries made", stats.Delivered);
        One("rookery_broker_acknowledged_total", "counter", "Deliveries settled", stats.Acknowledged);
        One("rookery_broker_failed_writes_total", "counter", "Writes of the journal that failed", stats.FailedWrites);
        One("rookery_broker_topics", "gauge", "Topics there are", stats.Topics);
        One("rookery_broker_sessions", "gauge", "Sessions that are open", stats.Sessions);

        void One(string name, string kind, string help, double value)
        {
            text.Begin(name, kind, help);
            text.Sample(name, "", value);
        }
    }

    private static void WriteTopics(PrometheusText text, IReadOnlyList<TopicStats> topics)
    {
        var shown = topics.Where(topic => topic.NotReady is null).Take(MostTopics).ToList();
        Each("rookery_topic_published_total", "counter", "Number of the newest event", t => t.LastSequence);
        Each("rookery_topic_events", "gauge", "Events held", t => t.Events);
        Each("rookery_topic_bytes", "gauge", "Bytes of the events held", t => t.Bytes);
        Each("rookery_topic_dropped_total", "counter", "Events that retention took from a subscription", t => t.Dropped);
        Each("rookery_topic_expired_total", "counter", "Events whose time to live was over", t => t.Expired);
        Every("rookery_subscription_waiting", "gauge", "Events waiting", s => s.Waiting);
        Every("rookery_subscription_in_flight", "gauge", "Events in flight", s => s.InFlight);
        Every("rookery_subscription_dead", "gauge", "Dead letters", s => s.Dead);
        Every("rookery_subscription_redelivered_total", "counter", "Deliveries that were not the first of their event", s => s.Redelivered);
        text.Begin("rookery_topics_not_shown", "gauge", "Topics left out of these figures");
        text.Sample("rookery_topics_not_shown", "", topics.Count - shown.Count);

        void Each(string name, string kind, string help, Func<TopicStats, double> figure)
        {
            text.Begin(name, kind, help);
            foreach (var topic in shown)
            {
                text.Sample(name, PrometheusText.Tag("topic", topic.Topic), figure(topic));
            }
        }

        // Those of a connection come and go: a series each would never end.
        void Every(string name, string kind, string help, Func<SubscriptionStats, double> figure)
        {
            text.Begin(name, kind, help);
            foreach (var topic in shown)
            {
                foreach (var subscription in topic.Subscriptions.Where(s => !s.Key.StartsWith("session:", StringComparison.Ordinal)).Take(MostSubscriptions))
                {
                    text.Sample(name, $"{PrometheusText.Tag("topic", topic.Topic)},{PrometheusText.Tag("subscription", subscription.Key)}", figure(subscription));
                }
            }
        }
    }
}
