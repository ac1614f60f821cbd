using System.Runtime.InteropServices;
using System.Text.Unicode;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// Turns lines into commands: puts each into the batch of its topic, and the place of its reply into the round. Used by
/// the one that reads the connection. A publish, an acknowledgement by id and one by ranges allocate nothing.
/// </summary>
internal sealed partial class CommandReader(WireOptions options, BrokerLimits limits, SendQueue sendQueue, SubscriptionShares shares)
{
    /// <summary>Longest id of the protocol, in bytes.</summary>
    public const int LongestId = 256;

    private const int LargestKept = 64 * 1024;

    private readonly ConnectionTopics _topics = new(sendQueue.Gate);
    private readonly ByteBuffer _compact = new();
    private readonly List<SequenceRange> _ranges = [];
    private Grant? _grant;
    private bool _first = true;
    private bool _confirm;
    private bool _quiet;
    private bool _numbered;
    private bool _hasSession;
    private string? _openFault;

    /// <summary>What the client may do; null while it has to say first who it is.</summary>
    public Grant? Grant
    {
        get => _grant;
        set
        {
            _grant = value;
            _topics.Grant = value ?? Grant.Everything;
        }
    }

    /// <summary>The round being filled.</summary>
    public Round Round { get; private set; } = Round.Rent();

    /// <summary>What the last <c>hello</c> said.</summary>
    public Hello Greeted { get; private set; } = new();

    public Question Question { get; private set; }

    /// <summary>The round so far, or null where there is none; a new one is begun.</summary>
    public Round? TakeRound()
    {
        if (Round.Slots.Count == 0)
        {
            return null;
        }

        var round = Round;
        Round = Round.Rent();
        return round;
    }

    /// <summary>The topic that deliveries come from. Under the gate.</summary>
    public TopicState Topic(TopicName name) => _topics.Get(name);

    /// <summary>A session is open, for what <paramref name="hello"/> said or for nobody in particular.</summary>
    public void Opened(Hello? hello)
    {
        _hasSession = true;
        _first = false;
        if (hello is not null)
        {
            _confirm = hello.Confirm;
            _quiet = hello.Quiet;
            _numbered = hello.Producer is not null;
        }
    }

    /// <summary>No session could be opened: the line read next is answered with that.</summary>
    public void NotOpened(string fault) => _openFault = fault;

    /// <summary>Gives pooled memory back.</summary>
    public void Release()
    {
        foreach (var batch in Round.Batches)
        {
            batch.Topic.Batch = null;
        }

        Round.Return(Round);
        _compact.Release();
    }

    /// <summary>Reads one line, without its end.</summary>
    public Step Read(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
        {
            return Fault(Errors.NotUtf8);
        }

        var parts = LineParts.Of(line);
        return parts.First switch
        {
            [(byte)'p', (byte)'u', (byte)'b'] when parts.Count == 3 => Publish(parts),
            [(byte)'a', (byte)'c', (byte)'k'] when parts.Count == 3 => Acknowledge(parts),
            [(byte)'n', (byte)'a', (byte)'c', (byte)'k'] when parts.Count == 3 => Return(parts),
            [(byte)'s', (byte)'u', (byte)'b'] when parts.Count >= 2 => Subscribe(parts),
            _ => ReadRare(parts),
        };
    }

    private Step Publish(in LineParts parts)
    {
        if (Prepare(parts, Rights.Publish, out var topic) is { } step)
        {
            return step;
        }

        if (EventParser.Read(parts.Rest, limits.MaxIdBytes, limits.MaxMessageBytes, _numbered, out var read) is { } fault)
        {
            return Fault(fault);
        }

        var message = read.Message;
        if (read.MessageHasSpace)
        {
            _compact.Clear();
            JsonText.Compact(message, _compact);
            message = _compact.Span;
        }

        var batch = BatchFor(topic!);
        batch.Commands.Publish(read.Id, message, read.Priority, read.TimeToLiveMs, read.Number);
        if (_compact.Count > LargestKept)
        {
            _compact.Release();
        }

        return Reply(batch, ReplyKind.Publish, silent: !_confirm);
    }

    private Step Acknowledge(in LineParts parts)
    {
        if (Prepare(parts, Rights.Subscribe, out var topic) is { } step)
        {
            return step;
        }

        if (parts.Rest[0] != '#')
        {
            var byId = BatchFor(topic!);
            byId.Commands.Acknowledge(Bounded(parts.Rest));
            return Reply(byId, ReplyKind.Acknowledge, _quiet);
        }

        _ranges.Clear();
        if (!SequenceText.TryReadRanges(parts.Rest, _ranges))
        {
            return Fault(Errors.Fill(Errors.BadRanges, Echo.Text(parts.Rest)));
        }

        var batch = BatchFor(topic!);
        batch.Commands.Acknowledge(CollectionsMarshal.AsSpan(_ranges));
        return Reply(batch, ReplyKind.AcknowledgeRanges, _quiet);
    }

    private Step Return(in LineParts parts)
    {
        if (Prepare(parts, Rights.Subscribe, out var topic) is { } step)
        {
            return step;
        }

        // The last word is the delay where it is a number and something stands before it: an id may have spaces.
        var target = parts.Rest;
        var delay = 0L;
        var space = target.LastIndexOf((byte)' ');
        if (space > 0 && !target[(space + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            if (!JsonText.TryInteger(target[(space + 1)..], out delay) || delay > int.MaxValue)
            {
                return Fault(Errors.Fill(Errors.BadDelay, Echo.Text(target[(space + 1)..])));
            }

            target = target[..space];
        }

        if (target[0] != '#')
        {
            var byId = BatchFor(topic!);
            byId.Commands.Return(Bounded(target), delay);
            return Reply(byId, ReplyKind.Return, _quiet);
        }

        if (!SequenceText.TryRead(target, out var sequence))
        {
            return target.Contains((byte)' ') && SequenceText.TryRead(target[..target.IndexOf((byte)' ')], out _)
                ? Fault(Errors.Fill(Errors.BadDelay, Echo.Text(target[(target.IndexOf((byte)' ') + 1)..])))
                : Fault(Errors.Fill(Errors.BadSequence, Echo.Text(target), "<seq>"));
        }

        var batch = BatchFor(topic!);
        batch.Commands.Return(sequence, delay);
        return Reply(batch, ReplyKind.Return, _quiet);
    }

    private Step Subscribe(in LineParts parts)
    {
        // An option that does not look like JSON is what it was before there were options: no such command.
        if (parts.Count == 3 && !parts.Rest.StartsWith("{"u8))
        {
            return Unknown(parts);
        }

        if (Prepare(parts, Rights.Subscribe, out var topic) is { } step)
        {
            return step;
        }

        var wanted = new SubscribeOptions();
        if (parts.Count == 3)
        {
            try
            {
                wanted = SubscribeJson.Read(parts.Rest, limits.MaxWindow);
            }
            catch (FormatException fault)
            {
                return Fault(Errors.Fill(Errors.BadOptions, fault.Message));
            }
        }

        lock (sendQueue.Gate)
        {
            if (!shares.TryReserve(topic!))
            {
                return Fault(Errors.Fill(Errors.TooManySubscriptions, $"{options.MaxSubscriptions}"));
            }

            wanted = wanted with { Credit = topic!.Credit };
        }

        var batch = BatchFor(topic);
        batch.Commands.Subscribe(wanted);
        return Reply(batch, ReplyKind.Subscribe, silent: false);
    }

    /// <summary>What every command about a topic needs first: its name, and a session.</summary>
    /// <returns>Null where the command can go on.</returns>
    private Step? Prepare(in LineParts parts, Rights needed, out TopicState? topic)
    {
        topic = null;
        if (parts.Second.IsEmpty)
        {
            return Unknown(parts);
        }

        if (_grant is null)
        {
            return Fault(Errors.TokenMissing);
        }

        _first = false;
        if (!_topics.TryGet(parts.Second, out topic))
        {
            return BadTopic(parts.Second);
        }

        if ((topic.Allowed & needed) == 0)
        {
            return NotAllowed(needed, topic.Name);
        }

        if (_hasSession)
        {
            return null;
        }

        if (_openFault is not { } fault)
        {
            return Step.Open;
        }

        return NotExecuted($"{Echo.Text(parts.First)} {topic.Name}", fault);
    }
}
