using System.Buffers.Binary;
using System.Numerics;

namespace Rookery.Broker;

/// <summary>CRC-32C (Castagnoli), the checksum processors compute themselves; of iSCSI (RFC 3720, appendix B.4).</summary>
public static class Crc32C
{
    /// <summary>The checksum of some bytes, continuing <paramref name="crc"/> where they follow others.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint crc = 0)
    {
        crc = ~crc;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
