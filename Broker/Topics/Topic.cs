using System.Runtime.CompilerServices;

namespace Rookery.Broker;

/// <summary>
/// The state of a topic and all that can happen to it. Decides and applies at once: what must survive is written to
/// <see cref="Batch"/>, results into the commands; deliveries are asked for (<see cref="Peek"/>, <see cref="Take"/>) by
/// the shell, which knows what is durable. No clock, no task, no lock, no I/O; one call at a time.
/// </summary>
internal sealed partial class Topic(TopicName name, BrokerLimits limits)
{
    private readonly Dictionary<SubscriptionKey, Subscription> _subscriptions = [];
    private readonly PriorityList?[] _byPriority = new PriorityList?[256];
    private readonly List<PriorityList> _lists = [];
    private readonly List<Subscription> _ready = [];
    private readonly PlainList<long> _scratch = new();
    private RecordBatch _batch = null!;
    private long _wake = long.MaxValue;

    public TopicName Name { get; } = name;

    public EventTable Events { get; } = new();

    public FrameDirectory Frames { get; } = new();

    public ProducerTable Producers { get; } = new(limits.MaxProducersPerTopic);

    /// <summary>One list per priority that occurred, larger priorities first.</summary>
    public List<PriorityList> Lists => _lists;

    public Dictionary<SubscriptionKey, Subscription>.ValueCollection Subscriptions => _subscriptions.Values;

    /// <summary>Number of the next event.</summary>
    public long NextSequence { get; private set; } = 1;

    /// <summary>The latest time of publishing.</summary>
    public long LastTime { get; private set; }

    /// <summary>Retention dropped all events up to this one.</summary>
    public long Floor { get; private set; }

    public int NextSubscription { get; private set; } = 1;

    public int NextProducer { get; private set; } = 1;

    /// <summary>Events up to this one are durable and may be delivered.</summary>
    public long Durable { get; set; }

    /// <summary>When <see cref="Tick"/> has something to do; <see cref="long.MaxValue"/>: never.</summary>
    public long NextWake => IsEmpty && !_unusedSeen ? Math.Min(_wake, UnusedSince) : _wake;

    public long Published { get; private set; }

    public long Delivered { get; private set; }

    public long Acknowledged { get; private set; }

    public long Dropped { get; private set; }

    public long Expired { get; private set; }

    /// <summary>Where records go.</summary>
    public RecordBatch Batch => _batch;

    /// <summary>Begins a batch of records, for a commit that follows all before.</summary>
    public void Begin(RecordBatch batch, long now)
    {
        LastTime = Math.Max(LastTime, now);
        batch.Begin(Frames.Open(), NextSequence, LastTime);
        _batch = batch;
    }

    /// <summary>Executes the commands of a batch in order.</summary>
    public void Execute(TopicCommands commands, TopicSession session, long now)
    {
        if (now >= _wake)
        {
            Tick(now);
        }

        _refused = default;
        var results = commands.Results;
        var list = commands.Commands;
        for (var i = 0; i < list.Length; i++)
        {
            ref readonly var command = ref list[i];
            ref var result = ref results[i];
            switch (command.Kind)
            {
                case CommandKind.Publish:
                    Use(now);
                    Publish(in command, commands, session, now, ref result);
                    break;
                case CommandKind.DropTopic:
                    Drop(now, ref result);
                    break;
                case CommandKind.Subscribe:
                    Use(now);
                    Subscribe(session, command.Options ?? new SubscribeOptions(), now, commands.Ordinal, ref result);
                    break;
                default:
                    if (SubjectOf(in command, commands, session) is { } subscription)
                    {
                        Use(now);
                        ExecuteFor(subscription, in command, commands, session, now, ref result);
                    }
                    else
                    {
                        result.Outcome = Outcome.NotSubscribed;
                    }

                    break;
            }
        }
    }

    /// <summary>Adds credit.</summary>
    public void Grant(TopicSession session, long bytes)
    {
        if (session.Subscription is { } subscription)
        {
            session.Credit = session.Credit > long.MaxValue - Math.Max(0, bytes) ? long.MaxValue : session.Credit + bytes;
            MarkReady(subscription);
        }
    }

    /// <summary>The next subscription that may have something to deliver; null: none is left.</summary>
    public Subscription? NextReady()
    {
        while (_ready.Count > 0)
        {
            var subscription = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            subscription.IsReady = false;
            if (!subscription.HasEnded && subscription.Members.Count > 0)
            {
                return subscription;
            }
        }

        return null;
    }

    /// <summary>Has a subscription looked at by the next deliveries.</summary>
    public void MarkReady(Subscription subscription)
    {
        if (!subscription.IsReady && subscription.Members.Count > 0)
        {
            subscription.IsReady = true;
            _ready.Add(subscription);
        }
    }

    /// <summary>Has all subscriptions looked at.</summary>
    public void MarkAllReady()
    {
        foreach (var subscription in _subscriptions.Values)
        {
            MarkReady(subscription);
        }
    }

    private void ExecuteFor(
        Subscription subscription, in Command command, TopicCommands commands, TopicSession session, long now, ref CommandResult result)
    {
        switch (command.Kind)
        {
            case CommandKind.Unsubscribe when command.Id.Length > 0:
                EndUnused(subscription, ref result);
                break;
            case CommandKind.Unsubscribe:
                Unsubscribe(subscription, session, now);
                result.Outcome = Outcome.Done;
                break;
            case CommandKind.AcknowledgeId:
                AcknowledgeId(subscription, commands.BytesOf(command.Id), session, commands.Ordinal, ref result);
                break;
            case CommandKind.AcknowledgeRanges:
                AcknowledgeRanges(subscription, commands.Ranges.Slice(command.Ranges.Start, command.Ranges.Length), session, commands.Ordinal, ref result);
                break;
            case CommandKind.ReturnId:
                var id = EventId.FromText(commands.BytesOf(command.Id));
                Return(subscription, subscription.Flights.Find(id, session, inFlight: true), command.Milliseconds, session, now, commands.Ordinal, ref result);
                break;
            case CommandKind.ReturnSequence:
                Return(subscription, subscription.Flights.Find(command.Number), command.Milliseconds, session, now, commands.Ordinal, ref result);
                break;
            case CommandKind.ListDead:
                ListDead(subscription, ref result);
                break;
            case CommandKind.ReplayDead:
                ReplayDead(subscription, command.Number, session, commands.Ordinal, ref result);
                break;
            case CommandKind.DiscardDead:
                DiscardDead(subscription, command.Number, ref result);
                break;
            default:
                (result.Outcome, result.Detail) = (Outcome.Invalid, $"unknown command kind {(byte)command.Kind}");
                break;
        }
    }

    /// <summary>The subscription a command is about: the one it names, where it may name one, else the session's own.</summary>
    private Subscription? SubjectOf(in Command command, TopicCommands commands, TopicSession session) =>
        command.Id.Length > 0 && command.Kind is CommandKind.Unsubscribe or CommandKind.ListDead or CommandKind.ReplayDead or CommandKind.DiscardDead
            ? Find(commands.BytesOf(command.Id))
            : session.Subscription ?? OfName(session);

    /// <summary>What a named client has here from before it connected: it need not receive from it to settle or end it.</summary>
    private Subscription? OfName(TopicSession session) => session is { TakenOver: false, Identity.Name: not null }
        ? _subscriptions.GetValueOrDefault(SubscriptionKey.Of(session.Identity, group: null))
        : null;

    private void WakeAt(long due) => _wake = Math.Min(_wake, due);

    /// <summary>Nothing is waiting or in flight for a subscription.</summary>
    private bool IsIdle(Subscription subscription)
    {
        if (subscription.Flights.Count > 0)
        {
            return false;
        }

        foreach (var list in _lists)
        {
            if (list.TryFind(ref subscription.CursorOf(list).Place, Events, out _))
            {
                return false;
            }
        }

        return true;
    }

    private PriorityList ListOf(sbyte priority) => _byPriority[priority + 128] ?? AddList(priority);

    private PriorityList AddList(sbyte priority)
    {
        var list = new PriorityList(priority, _lists.Count);
        _byPriority[priority + 128] = list;
        var place = _lists.FindIndex(other => other.Priority < priority);
        _lists.Insert(place < 0 ? _lists.Count : place, list);
        return list;
    }

    private static bool IsNull(ref EventEntry entry) => Unsafe.IsNullRef(ref entry);
}
