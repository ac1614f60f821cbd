using Rookery.Broker;

namespace Rookery.Wire;

/// <content>The place of each reply in the round.</content>
internal sealed partial class CommandReader
{
    private WireBatch BatchFor(TopicState topic)
    {
        if (topic.Batch is { } batch)
        {
            return batch;
        }

        batch = WireBatch.Rent(topic);
        topic.Batch = batch;
        Round.Batches.Add(batch);
        return batch;
    }

    private Step Reply(WireBatch batch, ReplyKind kind, bool silent, int length = 0)
    {
        batch.Answered |= !silent;
        Round.Slots.Add(new ReplySlot(kind, silent, batch.Commands.Commands.Length - 1, length, batch));
        return Step.Next;
    }

    private Step Say(ReadOnlySpan<byte> lines)
    {
        // Who has to say hello with a token may do so still.
        _first &= _grant is null;
        Round.Slots.Add(new ReplySlot(ReplyKind.Text, Silent: false, Round.Text.Count, lines.Length, null));
        Round.Text.Append(lines);
        return Step.Next;
    }

    /// <summary>Answers with a line of text, in its turn.</summary>
    public void Say(string line)
    {
        var from = Round.Text.Count;
        Round.Text.AppendLine(line);
        Round.Slots.Add(new ReplySlot(ReplyKind.Text, Silent: false, from, Round.Text.Count - from, null));
    }

    /// <summary>Answers with an error, in its turn.</summary>
    public Step Fault(string line)
    {
        WireMetrics.Errors.Add(1);
        Say(line);
        return Step.Next;
    }

    private Step NotExecuted(string command, string fault)
    {
        _openFault = null;
        return Fault(Errors.Fill(Errors.Unavailable, command, fault));
    }

    private Step NotAllowed(Rights needed, TopicName topic)
    {
        WireMetrics.NotAllowed.Add(1);
        return Fault(Errors.Lacks(needed, topic.Value));
    }

    private Step NotAllowed(string command, string topics)
    {
        WireMetrics.NotAllowed.Add(1);
        return Fault(Errors.Fill(Errors.NotAllowedFigures, command, topics));
    }

    private Step BadTopic(ReadOnlySpan<byte> name) => Fault(Errors.Fill(Errors.BadTopic, Echo.Text(name), TopicName.Rule));

    private Step Unknown(in LineParts parts) => Fault(Errors.Fill(Errors.UnknownCommand, Echo.Parts(parts)));

    /// <summary>No id is longer: cut, so that what cannot be found does not fill the batch.</summary>
    private static ReadOnlySpan<byte> Bounded(ReadOnlySpan<byte> id) => id.Length <= LongestId ? id : id[..(LongestId + 1)];
}
