using System.CommandLine;
using Rookery.Broker;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>What the broker holds its clients to: the limits an operator may have to change.</summary>
internal static class LimitSettings
{
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(3650);
    private static readonly WireOptions Wire = new();
    private static readonly BrokerLimits Broker = new();

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly Setting<int> MaxConnections = Settings.Whole("--max-connections", "Most connections to the broker; one more is told so and closed", Wire.MaxConnections, 1, 900_000, "connections");
    private static readonly Setting<int> MaxSubscriptions = Settings.Whole("--max-subscriptions", "Most subscriptions of one connection", Wire.MaxSubscriptions, 1, 65_536, "subscriptions");
    private static readonly Setting<int> MaxTopics = Settings.Whole("--max-topics", "Most topics; a new one above is refused", Broker.MaxTopics, 1, 1_000_000, "topics");
    private static readonly Setting<Duration> IdleTimeout = Settings.Time("--idle-timeout", "Close connections that neither asked nor got anything for this time; 0 for never", Wire.IdleTimeout);
    private static readonly Setting<Duration> SendTimeout = Settings.Time("--send-timeout", "Close connections that take nothing of what waits for them for this time; 0 for never", Wire.SendTimeout, Second, TimeSpan.FromDays(1), orZero: true);
    private static readonly Setting<Duration> UnusedTopic = Settings.Time("--unused-topic", "Give topics back that are empty and were not used for this time; their numbers go on", Broker.UnusedTopic, Second, LongestAge);
    private static readonly Setting<Duration> UnusedSubscription = Settings.Time("--unused-subscription", "End named subscriptions that nobody used for this time, and forget topics given back", Broker.UnusedSubscription, Second, LongestAge);
    private static readonly Setting<long> RetainEvents = Settings.Count("--retain-events", "Newest events a topic keeps though all have settled them, for --from", Broker.Retention.KeepEvents, 0, "events");
    private static readonly Setting<ByteSize> RetainBytes = Settings.Size("--retain-bytes", "Most bytes of them", Broker.Retention.KeepBytes).IdleWith(RetainEvents, "0");
    private static readonly Setting<Duration> RetainAge = Settings.Time("--retain-age", "Greatest age of them", Broker.Retention.KeepAge, longest: LongestAge).IdleWith(RetainEvents, "0").IdleWith(RetainBytes, "0");
    private static readonly Setting<long> MaxBacklog = Settings.Count("--max-backlog", "Most events a topic holds for subscribers that do not settle them", Broker.Retention.MaxEvents, 1, "events");
    private static readonly Setting<ByteSize> MaxBacklogBytes = Settings.Size("--max-backlog-bytes", "Most bytes of them", Broker.Retention.MaxBytes, 1024);
    private static readonly Setting<Duration> MaxBacklogAge = Settings.Time("--max-backlog-age", "Greatest age of any event", Broker.Retention.MaxAge, Second, LongestAge);
    private static readonly Setting<string> Full = Settings.Word("--overflow", "What a topic with a full backlog does: drop its oldest events, or refuse new ones", "drop-oldest", "drop-oldest", "refuse");

    public static void AddTo(System.CommandLine.Command command)
    {
        Option[] options =
        [
            MaxConnections, MaxSubscriptions, MaxTopics, IdleTimeout, SendTimeout, UnusedTopic, UnusedSubscription, RetainEvents, RetainBytes, RetainAge, MaxBacklog, MaxBacklogBytes, MaxBacklogAge, Full,
        ];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="UsageException">A value is out of its bounds.</exception>
    public static WireOptions ReadWire(ParseResult parsed) => Settings.Checked(
        Wire with
        {
            MaxConnections = parsed.GetValue(MaxConnections),
            MaxSubscriptions = parsed.GetValue(MaxSubscriptions),
            IdleTimeout = parsed.GetValue(IdleTimeout),
            SendTimeout = parsed.GetValue(SendTimeout),
            Version = CommandLine.Version,
        },
        o => o.Validate());

    /// <exception cref="UsageException">A value is out of its bounds.</exception>
    public static BrokerLimits ReadBroker(ParseResult parsed) => Settings.Checked(
        Broker with
        {
            MaxTopics = parsed.GetValue(MaxTopics),
            UnusedTopic = parsed.GetValue(UnusedTopic),
            UnusedSubscription = parsed.GetValue(UnusedSubscription),
            Retention = new Retention
            {
                KeepEvents = parsed.GetValue(RetainEvents),
                KeepBytes = parsed.GetValue(RetainBytes),
                KeepAge = parsed.GetValue(RetainAge),
                MaxEvents = parsed.GetValue(MaxBacklog),
                MaxBytes = parsed.GetValue(MaxBacklogBytes),
                MaxAge = parsed.GetValue(MaxBacklogAge),
                Overflow = parsed.GetValue(Full) == "refuse" ? Overflow.Refuse : Overflow.DropOldest,
            },
        },
        o => o.Validate());
}
