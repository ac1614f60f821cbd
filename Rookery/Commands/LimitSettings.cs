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

    private static readonly Option<int> MaxConnections = Settings.Whole("--max-connections", "Most connections to the broker; one more is told so and closed", Wire.MaxConnections, 1, 900_000);
    private static readonly Option<int> MaxSubscriptions = Settings.Whole("--max-subscriptions", "Most subscriptions of one connection", Wire.MaxSubscriptions, 1, 65_536);
    private static readonly Option<int> MaxTopics = Settings.Whole("--max-topics", "Most topics; a new one above is refused", Broker.MaxTopics, 1, 1_000_000);
    private static readonly Option<TimeSpan?> IdleTimeout = Settings.Duration("--idle-timeout", "Close connections that neither asked nor got anything for this time; 0 for never [default: 0]");
    private static readonly Option<TimeSpan?> SendTimeout = Settings.Duration("--send-timeout", "Close connections that take nothing of what waits for them for this time; 0 for never [default: 30s]");
    private static readonly Option<TimeSpan?> UnusedTopic = Settings.Duration("--unused-topic", "Give topics back that are empty and were not used for this time; their numbers go on [default: 10m]", LongestAge);
    private static readonly Option<TimeSpan?> UnusedSubscription = Settings.Duration("--unused-subscription", "End named subscriptions that nobody used for this time, and forget topics given back [default: 30d]", LongestAge);
    private static readonly Option<long?> RetainEvents = Settings.OptionalCount("--retain-events", "Newest events a topic keeps though all have settled them, for --from [default: 10000]", 0);
    private static readonly Option<long?> RetainBytes = Settings.Size("--retain-bytes", "Most bytes of them [default: 64MiB]");
    private static readonly Option<TimeSpan?> RetainAge = Settings.Duration("--retain-age", "Greatest age of them [default: 24h]", LongestAge);
    private static readonly Option<long?> MaxBacklog = Settings.OptionalCount("--max-backlog", "Most events a topic holds for subscribers that do not settle them [default: 50000000]", 1);
    private static readonly Option<long?> MaxBacklogBytes = Settings.Size("--max-backlog-bytes", "Most bytes of them [default: 16GiB]", 1024);
    private static readonly Option<TimeSpan?> MaxBacklogAge = Settings.Duration("--max-backlog-age", "Greatest age of any event [default: 30d]", LongestAge);
    private static readonly Option<string> Full = Settings.Word("--overflow", "What a topic with a full backlog does: drop its oldest events, or refuse new ones", "drop-oldest", "drop-oldest", "refuse");

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
            IdleTimeout = parsed.GetValue(IdleTimeout) ?? Wire.IdleTimeout,
            SendTimeout = parsed.GetValue(SendTimeout) ?? Wire.SendTimeout,
            Version = CommandLine.Version,
        },
        o => o.Validate());

    /// <exception cref="UsageException">A value is out of its bounds.</exception>
    public static BrokerLimits ReadBroker(ParseResult parsed)
    {
        var normal = Broker.Retention;
        return Settings.Checked(
            Broker with
            {
                MaxTopics = parsed.GetValue(MaxTopics),
                UnusedTopic = parsed.GetValue(UnusedTopic) ?? Broker.UnusedTopic,
                UnusedSubscription = parsed.GetValue(UnusedSubscription) ?? Broker.UnusedSubscription,
                Retention = new Retention
                {
                    KeepEvents = parsed.GetValue(RetainEvents) ?? normal.KeepEvents,
                    KeepBytes = parsed.GetValue(RetainBytes) ?? normal.KeepBytes,
                    KeepAge = parsed.GetValue(RetainAge) ?? normal.KeepAge,
                    MaxEvents = parsed.GetValue(MaxBacklog) ?? normal.MaxEvents,
                    MaxBytes = parsed.GetValue(MaxBacklogBytes) ?? normal.MaxBytes,
                    MaxAge = parsed.GetValue(MaxBacklogAge) ?? normal.MaxAge,
                    Overflow = parsed.GetValue(Full) == "refuse" ? Overflow.Refuse : Overflow.DropOldest,
                },
            },
            o => o.Validate());
    }
}
