using System.Buffers.Binary;
using System.Text;

namespace Rookery.Broker;

/// <summary>
/// What stands before the records of one commit of one topic. Little endian:
/// <code>
///  0  4  "RKF1"
///  4  4  length of the records that follow the name, in bytes
///  8  2  length of the topic's name, 1 to 200
/// 10  2  0, kept for later
/// 12  4  CRC-32C of name and records
/// 16  4  CRC-32C of the 16 bytes above
/// 20  n  name of the topic, ASCII; then the records
/// </code>
/// The header has a checksum of its own, so that a reader can trust the length even where the records are damaged.
/// </summary>
public readonly record struct FrameHeader
{
    /// <summary>Bytes of a header without the name.</summary>
    public const int Size = 20;

    /// <summary>Most bytes of records in one frame: 256 MiB.</summary>
    public const int MaxRecordBytes = 256 << 20;

    /// <summary>What every frame begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "RKF1"u8;

    /// <summary>Length of the records, in bytes.</summary>
    public int RecordBytes { get; private init; }

    /// <summary>Length of the topic's name, in bytes.</summary>
    public int NameLength { get; private init; }

    /// <summary>Length of the whole frame, in bytes.</summary>
    public int FrameBytes => Size + NameLength + RecordBytes;

    private uint BodyChecksum { get; init; }

    /// <summary>Bytes to reserve in front of the records of a topic.</summary>
    public static int ReserveFor(TopicName topic) => Size + topic.Value.Length;

    /// <summary>Fills in the reserved bytes of a frame whose records are complete.</summary>
    public static void Seal(Span<byte> frame, TopicName topic)
    {
        var name = frame.Slice(Size, topic.Value.Length);
        Encoding.ASCII.GetBytes(topic.Value, name);

        Magic.CopyTo(frame);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], frame.Length - Size - name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[8..], (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[10..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[12..], Crc32C.Compute(frame[Size..]));
        BinaryPrimitives.WriteUInt32LittleEndian(frame[16..], Crc32C.Compute(frame[..16]));
    }

    /// <summary>Reads a header.</summary>
    /// <returns>False where no whole, undamaged header stands at the beginning of the bytes.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < Size
            || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) != Crc32C.Compute(bytes[..16]))
        {
            return false;
        }

        header = new FrameHeader
        {
            RecordBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            NameLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]),
            BodyChecksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
        };
        return header.RecordBytes is >= 0 and <= MaxRecordBytes && header.NameLength is > 0 and <= TopicName.MaxLength;
    }

    /// <summary>Whether name and records of this frame are what was written, and the name is a topic's.</summary>
    public bool Matches(ReadOnlySpan<byte> frame, out TopicName topic)
    {
        topic = default;
        return frame.Length >= FrameBytes
            && Crc32C.Compute(frame[Size..FrameBytes]) == BodyChecksum
            && TopicName.TryParse(frame.Slice(Size, NameLength), out topic);
    }

    /// <summary>The records of a frame with this header.</summary>
    public ReadOnlyMemory<byte> RecordsOf(ReadOnlyMemory<byte> frame) => frame.Slice(Size + NameLength, RecordBytes);
}
