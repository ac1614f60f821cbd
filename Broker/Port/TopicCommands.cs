using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rookery.Broker;

/// <summary>
/// A batch of commands of one session for one topic, with room for their results. Built by a face of the server,
/// handed to <see cref="IBrokerSession.ExecuteAsync"/>, then read and, after <see cref="Reset"/>, used again.
/// </summary>
public sealed class TopicCommands
{
    private readonly List<Command> _commands = [];
    private readonly List<SequenceRange> _ranges = [];
    private CommandResult[] _results = [];
    private byte[] _buffer = [];
    private int _used;

    /// <summary>The topic all commands are for.</summary>
    public TopicName Topic { get; private set; }

    /// <summary>
    /// Grows with the session's batches; deliveries caused by this batch name it (<see cref="ISessionReceiver.Deliver"/>).
    /// 0: nobody waits for the replies of this batch, so its deliveries need not either.
    /// </summary>
    public long Ordinal { get; set; }

    /// <summary>
    /// The trace that the first event published by this batch belongs to, where it is to be followed to its subscribers; default:
    /// none. It stays as it is across <see cref="Reset"/>.
    /// </summary>
    public ActivityContext Trace { get; set; }

    /// <summary>The commands, in order.</summary>
    public ReadOnlySpan<Command> Commands => CollectionsMarshal.AsSpan(_commands);

    /// <summary>The ranges that acknowledgements point to.</summary>
    public ReadOnlySpan<SequenceRange> Ranges => CollectionsMarshal.AsSpan(_ranges);

    /// <summary>One result per command.</summary>
    public Span<CommandResult> Results
    {
        get
        {
            if (_results.Length < _commands.Count)
            {
                Array.Resize(ref _results, Math.Max(_commands.Count, _commands.Capacity));
            }

            return _results.AsSpan(0, _commands.Count);
        }
    }

    /// <summary>Bytes that ids and messages of this batch take.</summary>
    public int Bytes => _used;

    /// <summary>Bytes of memory that the batch keeps for its next use, about.</summary>
    public int Capacity => _buffer.Length + (_commands.Capacity * Unsafe.SizeOf<Command>()) + (_results.Length * Unsafe.SizeOf<CommandResult>());

    /// <summary>Empties the batch for new commands.</summary>
    public void Reset(TopicName topic, long ordinal)
    {
        Results.Clear();
        _commands.Clear();
        _ranges.Clear();
        _used = 0;
        Topic = topic;
        Ordinal = ordinal;
    }

    /// <summary>Empties the batch and lets go of the memory that it keeps (<see cref="Capacity"/>): for who will not use it for a while.</summary>
    public void Release()
    {
        _commands.Clear();
        _commands.Capacity = 0;
        _ranges.Clear();
        _ranges.Capacity = 0;
        _results = [];
        _buffer = [];
        _used = 0;
    }

    /// <summary>The bytes of an id or a message.</summary>
    public ReadOnlySpan<byte> BytesOf(Slice slice) => _buffer.AsSpan(slice.Start, slice.Length);

    /// <summary>Adds a publish; <paramref name="id"/> is a JSON token, <paramref name="message"/> is JSON without line breaks.</summary>
    public void Publish(ReadOnlySpan<byte> id, ReadOnlySpan<byte> message, sbyte priority = 0, long timeToLiveMs = 0, long number = 0) =>
        _commands.Add(new Command
        {
            Kind = CommandKind.Publish,
            Id = Keep(id),
            Message = Keep(message),
            Priority = priority,
            Milliseconds = timeToLiveMs,
            Number = number,
        });

    /// <summary>Adds a subscribe.</summary>
    public void Subscribe(SubscribeOptions options) => _commands.Add(new Command { Kind = CommandKind.Subscribe, Options = options });

    /// <summary>Adds an unsubscribe; with the key of another's subscription, the end of that one.</summary>
    public void Unsubscribe(ReadOnlySpan<byte> key = default) => _commands.Add(new Command { Kind = CommandKind.Unsubscribe, Id = Keep(key) });

    /// <summary>Adds an acknowledgement by id, given as text.</summary>
    public void Acknowledge(ReadOnlySpan<byte> id) => _commands.Add(new Command { Kind = CommandKind.AcknowledgeId, Id = Keep(id) });

    /// <summary>Adds an acknowledgement of ranges of sequence numbers.</summary>
    public void Acknowledge(ReadOnlySpan<SequenceRange> ranges)
    {
        _commands.Add(new Command { Kind = CommandKind.AcknowledgeRanges, Ranges = new Slice(_ranges.Count, ranges.Length) });
        _ranges.AddRange(ranges);
    }

    /// <summary>Adds a return by id, given as text.</summary>
    public void Return(ReadOnlySpan<byte> id, long delayMs) =>
        _commands.Add(new Command { Kind = CommandKind.ReturnId, Id = Keep(id), Milliseconds = delayMs });

    /// <summary>Adds a return by sequence number.</summary>
    public void Return(long sequence, long delayMs) =>
        _commands.Add(new Command { Kind = CommandKind.ReturnSequence, Number = sequence, Milliseconds = delayMs });

    /// <summary>Adds a command about dead letters: <see cref="CommandKind.ListDead"/>, <see cref="CommandKind.ReplayDead"/> or <see cref="CommandKind.DiscardDead"/>; of the session's own subscription, or of the one with this key.</summary>
    public void DeadLetters(CommandKind kind, long sequence = 0, ReadOnlySpan<byte> key = default) =>
        _commands.Add(new Command { Kind = kind, Number = sequence, Id = Keep(key) });

    /// <summary>Adds a drop of the topic.</summary>
    public void DropTopic() => _commands.Add(new Command { Kind = CommandKind.DropTopic });

    private Slice Keep(ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length - _used < bytes.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_used + bytes.Length, Math.Max(1024, _buffer.Length * 2)));
        }

        bytes.CopyTo(_buffer.AsSpan(_used));
        var slice = new Slice(_used, bytes.Length);
        _used += bytes.Length;
        return slice;
    }
}
