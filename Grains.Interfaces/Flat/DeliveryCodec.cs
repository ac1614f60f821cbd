using Rookery.Broker;

namespace Rookery.Grains.Interfaces;

/// <summary>
/// How deliveries travel: runs for one session, each with its handle, the ordinal they come after, and their number. An empty
/// run says that the topic was dropped.
/// </summary>
public static class DeliveryCodec
{
    /// <summary>Writes a run.</summary>
    public static void Write(FlatWriter writer, int handle, long after, ReadOnlySpan<Delivery> deliveries)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Number(handle);
        writer.Number(after);
        writer.Number(deliveries.Length);
        foreach (ref readonly var delivery in deliveries)
        {
            writer.Number(delivery.Sequence);
            writer.Number(delivery.PublishedAt);
            writer.Number(delivery.Tries);
            writer.Byte((byte)delivery.Priority);
            writer.Bytes(delivery.Id.Span);
            writer.Bytes(delivery.Message.Span);
        }
    }

    /// <summary>Reads the head of a run.</summary>
    /// <exception cref="InvalidDataException">The bytes are no deliveries.</exception>
    public static (int Handle, long After, int Count) ReadHead(ref FlatReader reader) => (reader.Count(), reader.Number(), reader.Count());

    /// <summary>Reads the deliveries of a run; they point into the bytes they are read from.</summary>
    /// <exception cref="InvalidDataException">The bytes are no deliveries.</exception>
    public static void Read(ref FlatReader reader, Span<Delivery> deliveries)
    {
        foreach (ref var delivery in deliveries)
        {
            delivery = new Delivery
            {
                Sequence = reader.Number(),
                PublishedAt = reader.Number(),
                Tries = reader.Count(),
                Priority = (sbyte)reader.Byte(),
                Id = reader.Bytes(),
                Message = reader.Bytes(),
            };
        }
    }
}
