using System.Runtime.CompilerServices;
using Microsoft.Extensions.ObjectPool;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>A batch of commands on its way through the broker; pooled, with the continuation that a wait for it needs.</summary>
internal sealed class WireBatch
{
    /// <summary>Bytes of memory that all pooled batches may keep: what thousands of small ones take, or a hundred large ones.</summary>
    private const long MostKept = 32 << 20;

    /// <summary>Bytes that the objects themselves take, about.</summary>
    private const int Overhead = 512;

    private static readonly ObjectPool<WireBatch> Pool = new DefaultObjectPool<WireBatch>(new DefaultPooledObjectPolicy<WireBatch>(), int.MaxValue);
    private static long _kept;

    private readonly Action _completed;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _awaiter;
    private ReplyQueue _queue = null!;
    private Round _round = null!;
    private int _cost;

    public WireBatch() => _completed = Completed;

    public TopicCommands Commands { get; } = new();

    public TopicState Topic { get; private set; } = null!;

    /// <summary>At least one of its commands has a reply when it succeeds, which deliveries it causes must not overtake.</summary>
    public bool Answered { get; set; }

    public static WireBatch Rent(TopicState topic)
    {
        var batch = Pool.Get();
        Interlocked.Add(ref _kept, -batch._cost);
        batch._cost = 0;
        batch.Topic = topic;
        batch.Commands.Reset(topic.Name, 0);
        return batch;
    }

    public static void Return(WireBatch batch)
    {
        batch.Answered = false;
        batch._queue = null!;
        batch._round = null!;
        batch._awaiter = default;
        batch.Topic = null!;
        batch._cost = batch.Commands.Capacity + Overhead;
        if (Interlocked.Add(ref _kept, batch._cost) <= MostKept)
        {
            Pool.Return(batch);
        }
        else
        {
            Interlocked.Add(ref _kept, -batch._cost);
        }
    }

    /// <summary>Executes it; the queue hears of its end.</summary>
    public void Execute(IBrokerSession session, ReplyQueue queue, Round round)
    {
        _queue = queue;
        _round = round;
        try
        {
#pragma warning disable CA2012 // Awaited once, by hand: an async method would allocate for every batch.
            _awaiter = session.ExecuteAsync(Commands).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
#pragma warning disable CA1031 // See Completed.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _queue.Failed(error);
            _awaiter = default;
        }

        if (_awaiter.IsCompleted)
        {
            Complete(here: true);
        }
        else
        {
            _awaiter.UnsafeOnCompleted(_completed);
        }
    }

    /// <summary>The id or number that a command names, as its reply shows it.</summary>
    public string Describe(int index)
    {
        var command = Commands.Commands[index];
        return command.Kind switch
        {
            CommandKind.Publish => $"pub {Topic.Name} {Text(ReplyWriter.PublishedId(this, index))}",
            CommandKind.Subscribe => $"sub {Topic.Name}",
            CommandKind.Unsubscribe => $"unsub {Topic.Name}",
            CommandKind.AcknowledgeId => $"ack {Topic.Name} {Text(Commands.BytesOf(command.Id))}",
            CommandKind.AcknowledgeRanges => $"ack {Topic.Name} {FirstRange(command)}",
            CommandKind.ReturnId => $"nack {Topic.Name} {Text(Commands.BytesOf(command.Id))}",
            CommandKind.ReturnSequence => $"nack {Topic.Name} #{command.Number}",
            CommandKind.ListDead => $"dead {Topic.Name}",
            CommandKind.ReplayDead => $"replay {Topic.Name}",
            CommandKind.DropTopic => $"drop {Topic.Name}",
            _ => $"discard {Topic.Name}",
        };
    }

    private static string Text(ReadOnlySpan<byte> id) => Echo.Text(id);

    private string FirstRange(in Command command)
    {
        var (first, last) = Commands.Ranges[command.Ranges.Start];
        var more = command.Ranges.Length > 1 ? ",..." : "";
        return first == last ? $"#{first}{more}" : $"#{first}-{last}{more}";
    }

    private void Completed() => Complete(here: false);

    /// <param name="here">On the thread that reads the connection, which has better things to do than to send.</param>
    private void Complete(bool here)
    {
        try
        {
            _awaiter.GetResult();
        }
#pragma warning disable CA1031 // A broker does not throw here. Should it: what has no result is answered as unknown, the connection lives.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _queue.Failed(error);
        }

        // Once it is done, whoever drains next may return it to the pool: its fields are nobody's then.
        var queue = _queue;
        if (_round.Done())
        {
            queue.Drain(send: !here);
        }
    }
}
