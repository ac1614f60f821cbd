using System.Globalization;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>Writes replies: what came of each command, in the words of the protocol. Under the gate of the send queue.</summary>
internal sealed class ReplyWriter(SendQueue sendQueue, SubscriptionShares shares)
{
    /// <summary>Writes the replies of a round; false where the reader of the connection has to catch up first.</summary>
    public bool Write(Round round)
    {
        var slots = round.Slots;
        while (round.NextSlot < slots.Count)
        {
            if (sendQueue.IsGone)
            {
                return true;
            }

            if (sendQueue.IsFull)
            {
                WireMetrics.OutputPauses.Add(1);
                return false;
            }

            var slot = slots[round.NextSlot];
            if (slot.Kind == ReplyKind.Text)
            {
                sendQueue.Ready.Append(round.Text.Span.Slice(slot.Index, slot.Length));
            }
            else if (WriteDead(round, slot))
            {
                Write(slot);
            }
            else
            {
                return false;
            }

            round.NextSlot++;
            round.NextLine = 0;
        }

        return true;
    }

    /// <summary>The id of a published event as text without escapes, the way it is acknowledged.</summary>
    public static ReadOnlySpan<byte> PublishedId(WireBatch batch, int index)
    {
        var token = batch.Commands.BytesOf(batch.Commands.Commands[index].Id);
        if (token[0] != '"')
        {
            return token;
        }

        var text = token[1..^1];
        return text.Contains((byte)'\\') && JsonText.TryDecode(token, new byte[token.Length], out var decoded) ? decoded : text;
    }

    private void Write(in ReplySlot slot)
    {
        var batch = slot.Batch!;
        ref readonly var result = ref batch.Commands.Results[slot.Index];
        switch (result.Outcome)
        {
            case Outcome.Done:
            case Outcome.Repeated:
                WriteDone(slot, batch, result);
                return;
            case Outcome.NotSubscribed:
                WriteNotSubscribed(slot, batch);
                break;
            case Outcome.NoSuchTopic:
                Line(Errors.Fill(Errors.NoSuchTopic, batch.Topic.Name.Value));
                break;
            case Outcome.NoSuchEvent:
                WriteNoSuchEvent(slot, batch);
                break;
            case Outcome.Refused:
            case Outcome.Invalid:
                Line(Errors.Fill(Errors.Detail, OneLine(result.Detail ?? $"{batch.Describe(slot.Index)} was refused")));
                break;
            case Outcome.Unavailable:
                Line(Errors.Fill(Errors.Unavailable, batch.Describe(slot.Index), OneLine(result.Detail ?? "try again later")));
                break;
            default:
                WireMetrics.UnknownOutcomes.Add(1);
                Line(Errors.Fill(Errors.UnknownOutcome, batch.Describe(slot.Index), OneLine(result.Detail ?? "no answer came")));
                break;
        }

        WireMetrics.Errors.Add(1);
        if (slot.Kind == ReplyKind.Subscribe)
        {
            shares.Refused(batch.Topic);
        }
    }

    private void WriteDone(in ReplySlot slot, WireBatch batch, in CommandResult result)
    {
        var ready = sendQueue.Ready;
        switch (slot.Kind)
        {
            case ReplyKind.Subscribe:
                shares.Made(batch.Topic, batch.Commands.Ordinal);
                ready.Append("successfully subscribed to topic "u8);
                ready.Append(batch.Topic.Utf8);
                break;
            case ReplyKind.Unsubscribe:
                shares.Ended(batch.Topic);
                ready.Append("successfully unsubscribe from topic "u8);
                ready.Append(batch.Topic.Utf8);
                break;
            case var _ when slot.Silent:
                return;
            case ReplyKind.Publish:
                ready.Append(batch.Topic.ConfirmHead);
                ready.Append(result.Sequence);
                ready.Append((byte)' ');
                ready.Append(PublishedId(batch, slot.Index));
                break;
            case ReplyKind.Acknowledge:
                ready.Append("acknowledged ev_id="u8);
                ready.Append(batch.Commands.BytesOf(batch.Commands.Commands[slot.Index].Id));
                if (result.Flag)
                {
                    ready.Append("\r\nno available message"u8);
                }

                break;
            case ReplyKind.AcknowledgeRanges:
                Counted("acknowledged "u8, result.Count);
                break;
            case ReplyKind.Return:
                ready.Append("returned ev_id="u8);
                AppendTarget(batch, slot.Index);
                break;
            case ReplyKind.ListDead:
                Counted("ok dead "u8, result.Count);
                break;
            case ReplyKind.ReplayDead:
                Counted("ok replay "u8, result.Count);
                break;
            case ReplyKind.DiscardDead:
                Counted("ok discard "u8, result.Count);
                break;
            case ReplyKind.DropTopic:
                Counted("ok drop "u8, result.Count);
                break;
        }

        ready.Append("\r\n"u8);
    }

    private void WriteNotSubscribed(in ReplySlot slot, WireBatch batch)
    {
        var key = slot.Kind is ReplyKind.ListDead or ReplyKind.ReplayDead or ReplyKind.DiscardDead ? batch.Commands.BytesOf(batch.Commands.Commands[slot.Index].Id) : default;
        Line(key.IsEmpty
            ? Errors.Fill(Errors.NotSubscribed, batch.Topic.Name.Value)
            : Errors.Fill(Errors.NoSuchSubscription, Echo.Text(key), batch.Topic.Name.Value));
    }

    private void WriteNoSuchEvent(in ReplySlot slot, WireBatch batch)
    {
        var command = batch.Commands.Commands[slot.Index];
        if (command.Kind == CommandKind.AcknowledgeRanges)
        {
            if (!slot.Silent)
            {
                Counted("acknowledged "u8, 0);
                sendQueue.Ready.Append("\r\n"u8);
            }

            return;
        }

        var id = command.Kind is CommandKind.AcknowledgeId or CommandKind.ReturnId
            ? Echo.Text(batch.Commands.BytesOf(command.Id), CommandReader.LongestId)
            : $"#{command.Number.ToString(CultureInfo.InvariantCulture)}";
        Line(Errors.Fill(Errors.NoSuchEvent, id));
    }

    private void AppendTarget(WireBatch batch, int index)
    {
        var command = batch.Commands.Commands[index];
        if (command.Kind == CommandKind.ReturnId)
        {
            sendQueue.Ready.Append(batch.Commands.BytesOf(command.Id));
            return;
        }

        sendQueue.Ready.Append((byte)'#');
        sendQueue.Ready.Append(command.Number);
    }

    /// <summary>The dead letters that stand before the reply which counts them; false where the reader has to catch up first.</summary>
    private bool WriteDead(Round round, in ReplySlot slot)
    {
        if (slot.Kind != ReplyKind.ListDead || slot.Batch!.Commands.Results[slot.Index].DeadLetters is not { } letters)
        {
            return true;
        }

        var last = slot.Length > 0 ? Math.Min(slot.Length, letters.Count) : letters.Count;
        while (round.NextLine < last)
        {
            if (sendQueue.IsFull)
            {
                return false;
            }

            DeliveryText.WriteDead(sendQueue.Ready, slot.Batch.Topic.EventHead, letters[round.NextLine++]);
            sendQueue.Ready.Append("\r\n"u8);
        }

        return true;
    }

    private void Counted(ReadOnlySpan<byte> words, long count)
    {
        sendQueue.Ready.Append(words);
        sendQueue.Ready.Append(count);
    }

    private void Line(string text) => sendQueue.Ready.AppendLine(text);

    private static string OneLine(string text) => text.AsSpan().ContainsAny('\r', '\n') ? text.ReplaceLineEndings(" ") : text;
}
