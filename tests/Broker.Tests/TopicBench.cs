using System.Text;

namespace Rookery.Broker.Tests;

/// <summary>A topic on a bench: a shell, its mailbox, a journal in memory, a clock, and clients that speak plainly.</summary>
internal sealed class TopicBench
{
    public static readonly TopicName Name = TopicName.Parse("tweets");

    private readonly Queue<Action> _mailbox = new();
    private readonly List<Client> _clients = [];

    public TopicBench(BrokerLimits? limits = null, long cacheBytes = 1 << 20)
    {
        Limits = limits ?? new BrokerLimits();
        Cache = new FrameCache(cacheBytes);
        Shell = Start([]);
    }

    public BrokerLimits Limits { get; }

    public FrameCache Cache { get; }

    public MemoryJournal Journal { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public TopicShell Shell { get; private set; }

    public List<JournalException> Failures { get; } = [];

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public Client Connect(string? name = null, string? producer = null, string? owner = null)
    {
        var client = new Client(this, new SessionIdentity { Name = name, Producer = producer, Owner = owner });
        _clients.Add(client);
        return client;
    }

    /// <summary>Ends a turn of the mailbox, and runs all that it brings about.</summary>
    public void Turn()
    {
        Shell.Flush();
        while (_mailbox.TryDequeue(out var action))
        {
            action();
            Shell.Flush();
        }
    }

    public void Advance(int milliseconds)
    {
        Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        if (Shell.NextWakeMs <= Now)
        {
            Shell.Wake();
        }

        Turn();
    }

    /// <summary>The journal completes the write it holds.</summary>
    public void CompleteWrite()
    {
        Journal.Complete();
        Turn();
    }

    /// <summary>The process dies and starts again; no session survives.</summary>
    public void Restart(bool stored = false)
    {
        _mailbox.Clear();
        _clients.Clear();
        Journal.Crash(stored);
        Shell = Start([]);
        Turn();
    }

    /// <summary>The shell is replaced after a failure; sessions live on.</summary>
    public void Recover()
    {
        _mailbox.Clear();
        Shell = Start(_clients.Select(client => client.Session));
        Turn();
    }

    /// <summary>Gives the topic back, if it is empty and unused, and begins it again with what was left of it.</summary>
    public bool TryRest()
    {
        if (!Shell.TryRest(out var resting))
        {
            // It may be that a write had to come first.
            Turn();
            if (!Shell.TryRest(out resting))
            {
                return false;
            }
        }

        Resting = resting;
        Shell = New();
        if (resting is not null)
        {
            Shell.Resume(resting, isHeld: true, isUsed: true);
        }

        Shell.Recovered(_clients.Select(client => client.Session));
        Turn();
        return true;
    }

    /// <summary>What was left of the topic when it was given back last.</summary>
    public RestingTopic? Resting { get; private set; }

    public TopicStats Stats => Shell.GetStats();

    private TopicShell Start(IEnumerable<TopicSession> sessions)
    {
        var shell = New();
        Journal.ReplayInto(shell);
        shell.Recovered(sessions);
        return shell;
    }

    private TopicShell New() => new(Name, Limits, Journal, Cache, Time, _mailbox.Enqueue, Failures.Add);

    /// <summary>A client of the topic; everything it received stands in order in <see cref="Received"/>.</summary>
    internal sealed class Client : ISessionReceiver
    {
        private readonly TopicBench _bench;
        private long _ordinal;

        public Client(TopicBench bench, SessionIdentity identity)
        {
            _bench = bench;
            Session = new TopicSession(identity, this);
        }

        public TopicSession Session { get; }

        public List<Seen> Received { get; } = [];

        /// <summary>How often it was told that the topic was dropped.</summary>
        public int Drops { get; set; }

        /// <summary>What was received since the last look, as its messages.</summary>
        public string Look()
        {
            var text = string.Join(' ', Received.Select(seen => seen.Message));
            Received.Clear();
            return text;
        }

        public Reply Send(Action<TopicCommands> build)
        {
            var commands = new TopicCommands();
            commands.Reset(Name, ++_ordinal);
            build(commands);
            var reply = new Reply(commands);
            _bench.Shell.Execute(commands, Session, reply);
            _bench.Turn();
            return reply;
        }

        public CommandResult Publish(string id, string message, sbyte priority = 0, long ttl = 0, long number = 0) =>
            Send(c => c.Publish(Encoding.UTF8.GetBytes(id), Encoding.UTF8.GetBytes(message), priority, ttl, number)).Result;

        public CommandResult Subscribe(SubscribeOptions? options = null) => Send(c => c.Subscribe(options ?? new SubscribeOptions())).Result;

        public CommandResult Unsubscribe() => Send(c => c.Unsubscribe()).Result;

        public CommandResult Ack(string id) => Send(c => c.Acknowledge(Encoding.UTF8.GetBytes(id))).Result;

        public CommandResult Ack(long first, long last) => Send(c => c.Acknowledge([new SequenceRange(first, last)])).Result;

        public CommandResult Ack(long sequence) => Ack(sequence, sequence);

        public CommandResult Nack(long sequence, long delay = 0) => Send(c => c.Return(sequence, delay)).Result;

        public CommandResult NackId(string id, long delay = 0) => Send(c => c.Return(Encoding.UTF8.GetBytes(id), delay)).Result;

        public CommandResult Dead(CommandKind kind, long sequence = 0, string key = "") =>
            Send(c => c.DeadLetters(kind, sequence, Encoding.UTF8.GetBytes(key))).Result;

        public CommandResult EndOther(string key) => Send(c => c.Unsubscribe(Encoding.UTF8.GetBytes(key))).Result;

        public void Grant(long bytes)
        {
            _bench.Shell.Grant(Session, bytes);
            _bench.Turn();
        }

        public void Disconnect()
        {
            _bench._clients.Remove(this);
            _bench.Shell.Detach(Session);
            _bench.Turn();
        }

        public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
        {
            Assert.False(deliveries.IsEmpty);
            foreach (ref readonly var delivery in deliveries)
            {
                Received.Add(new Seen(
                    delivery.Sequence, delivery.Tries, delivery.Priority, delivery.PublishedAt,
                    Encoding.UTF8.GetString(delivery.Id.Span), Encoding.UTF8.GetString(delivery.Message.Span), after));
            }
        }

        public void Dropped(TopicName topic, long after) => Drops++;

        public void Close(SessionEnd reason)
        {
        }
    }

    internal sealed record Seen(long Sequence, int Tries, sbyte Priority, long PublishedAt, string Id, string Message, long After);

    internal sealed class Reply(TopicCommands commands) : IBatchCompletion
    {
        public TopicCommands Commands { get; } = commands;

        public int Completions { get; private set; }

        public bool IsComplete => Completions > 0;

        /// <summary>The result of the first command; pending where the batch is not complete.</summary>
        public CommandResult Result => IsComplete ? Commands.Results[0] : default;

        public void Complete(TopicCommands completed)
        {
            Assert.Same(Commands, completed);
            Completions++;
            Assert.Equal(1, Completions);
        }
    }
}
