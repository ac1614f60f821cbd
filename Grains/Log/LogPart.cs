using System.Buffers.Binary;
using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>
/// What stands before a piece of a frame that is too large for one record. The pieces have consecutive numbers and are
/// written in their order, so the last is the end mark: without it the frame was never confirmed. Little endian:
/// <code>
///  0  4  "RKP1"
///  4  8  number of the record with the first piece
/// 12  4  which piece this is, from 0
/// 16  4  pieces there are
/// 20  4  CRC-32C of the 20 bytes above; the frame has checksums of its own
/// 24  n  the piece
/// </code>
/// </summary>
internal readonly record struct LogPart(long First, int Index, int Count)
{
    public const int Size = 24;

    private static ReadOnlySpan<byte> Magic => "RKP1"u8;

    /// <summary>Reads what stands before a piece.</summary>
    /// <returns>False where the bytes are no piece.</returns>
    public static bool TryRead(ReadOnlySpan<byte> record, out LogPart part)
    {
        part = default;
        if (record.Length < Size
            || !record.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(record[20..]) != Crc32C.Compute(record[..20]))
        {
            return false;
        }

        part = new LogPart(
            BinaryPrimitives.ReadInt64LittleEndian(record[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(record[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(record[16..]));
        return true;
    }

    /// <summary>The records of a frame: itself where it fits into one, else its pieces.</summary>
    public static IEnumerable<byte[]> Split(ReadOnlyMemory<byte> frame, long first, int recordBytes)
    {
        if (frame.Length <= recordBytes)
        {
            yield return frame.ToArray();
            yield break;
        }

        var piece = recordBytes - Size;
        var count = (frame.Length + piece - 1) / piece;
        for (var index = 0; index < count; index++)
        {
            var bytes = frame.Slice(index * piece, Math.Min(piece, frame.Length - (index * piece)));
            yield return new LogPart(first, index, count).With(bytes.Span);
        }
    }

    private byte[] With(ReadOnlySpan<byte> piece)
    {
        var record = new byte[Size + piece.Length];
        Magic.CopyTo(record);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(4), First);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(12), Index);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(16), Count);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(20), Crc32C.Compute(record.AsSpan(0, 20)));
        piece.CopyTo(record.AsSpan(Size));
        return record;
    }
}
