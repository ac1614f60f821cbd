using System.Buffers.Binary;
using System.Globalization;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// What stands at the beginning of a segment file. Little endian:
/// <code>
///  0  8  "RKJRNL\r\n"
///  8  4  version of the format, <see cref="Version"/>
/// 12  4  number of the segment, from 1
/// 16  8  when it was created, in milliseconds since 1970 (UTC)
/// 24  4  0, kept for later
/// 28  4  CRC-32C of the 28 bytes above
/// 32     frames of all topics, one behind the other, then zeros
/// </code>
/// </summary>
internal static class SegmentHeader
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 32;

    /// <summary>The version that is written, and the highest that can be read.</summary>
    public const int Version = 1;

    private static ReadOnlySpan<byte> Magic => "RKJRNL\r\n"u8;

    public static void Write(Span<byte> bytes, int number, DateTimeOffset created)
    {
        bytes[..Size].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], created.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[28..], Crc32C.Compute(bytes[..28]));
    }

    /// <summary>Reads a header.</summary>
    /// <returns>False where no whole, undamaged header stands at the beginning of the bytes.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int version, out int number)
    {
        (version, number) = (0, 0);
        if (bytes.Length < Size
            || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]) != Crc32C.Compute(bytes[..28]))
        {
            return false;
        }

        version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        number = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        return true;
    }

    /// <summary>Whether a file could begin so whose header was not written, or not wholly.</summary>
    public static bool MayBeCutShort(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(Magic) || Magic.StartsWith(bytes.TrimEnd((byte)0));
}

/// <summary>Names of segment files: <c>0000000001.segment</c>.</summary>
internal static class SegmentName
{
    private const string Extension = ".segment";
    private const int Digits = 10;

    public static string Of(int number) => number.ToString("D10", CultureInfo.InvariantCulture) + Extension;

    public static bool TryParse(string name, out int number)
    {
        number = 0;
        return name.Length == Digits + Extension.Length
            && name.EndsWith(Extension, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number > 0;
    }
}

/// <summary>Where a frame begins: the number of its segment, and the offset in its file.</summary>
internal static class FrameAddress
{
    public static long Of(int segment, long offset) => ((long)segment << 32) | offset;

    public static int SegmentOf(long address) => (int)(address >> 32);

    public static long OffsetOf(long address) => address & uint.MaxValue;
}
