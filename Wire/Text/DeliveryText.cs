using System.Buffers.Text;
using System.Text;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>Events and dead letters as the lines of JSON that every face of the server shows.</summary>
internal static class DeliveryText
{
    /// <summary>How the line of an event begins, up to the priority.</summary>
    public static byte[] Head(TopicName topic) => Encoding.ASCII.GetBytes($"{{\"topic\":\"{topic.Value}\",\"priority\":");

    /// <summary>Writes an event.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="head">What <see cref="Head"/> gave for its topic.</param>
    /// <param name="delivery">The event.</param>
    /// <param name="meta">Whether number, time and tries are told.</param>
    /// <param name="end">What stands behind the line; at most 8 bytes.</param>
    public static void Write(ByteBuffer buffer, ReadOnlySpan<byte> head, in Delivery delivery, bool meta, ReadOnlySpan<byte> end)
    {
        var message = delivery.Message.Span;
        var id = delivery.Id.Span;
        var span = buffer.GetSpan(head.Length + message.Length + id.Length + 128);
        head.CopyTo(span);
        var at = head.Length;
        Utf8Formatter.TryFormat(delivery.Priority, span[at..], out var digits);
        at += digits;
        at += Copy(",\"msg\":"u8, span[at..]);
        at += Copy(message, span[at..]);
        at += Copy(",\"id\":"u8, span[at..]);
        at += Copy(id, span[at..]);
        if (meta)
        {
            at += Copy(",\"seq\":"u8, span[at..]);
            Utf8Formatter.TryFormat(delivery.Sequence, span[at..], out digits);
            at += digits;
            at += Copy(",\"ts\":"u8, span[at..]);
            Utf8Formatter.TryFormat(delivery.PublishedAt, span[at..], out digits);
            at += digits;
            at += Copy(",\"tries\":"u8, span[at..]);
            Utf8Formatter.TryFormat(delivery.Tries, span[at..], out digits);
            at += digits;
        }

        at += Copy("}"u8, span[at..]);
        at += Copy(end, span[at..]);
        buffer.Advance(at);
    }

    /// <summary>Writes a dead letter, without an end of line.</summary>
    public static void WriteDead(ByteBuffer to, ReadOnlySpan<byte> head, DeadLetter letter)
    {
        to.Append(head);
        to.Append(letter.Priority);
        to.Append(",\"msg\":"u8);
        to.Append(letter.Message.Span);
        to.Append(",\"id\":"u8);
        to.Append(letter.Id.Span);
        to.Append(",\"seq\":"u8);
        to.Append(letter.Sequence);
        to.Append(",\"ts\":"u8);
        to.Append(letter.PublishedAt);
        to.Append(",\"tries\":"u8);
        to.Append(letter.Tries);
        to.Append(",\"died\":"u8);
        to.Append(letter.DiedAt);
        to.Append((byte)'}');
    }

    private static int Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        return from.Length;
    }
}
