using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rookery.Tweets;

/// <summary>
/// Where the characters that give JSON its structure stand among 64 bytes, one bit per byte, the first byte lowest. The idea is
/// that of Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (2019): quotes → a prefix XOR → what is inside strings.
/// </summary>
internal readonly struct JsonBits
{
    /// <summary>Bytes looked at together.</summary>
    public const int Width = 64;

    private JsonBits(ulong quotes, ulong backslashes, ulong colons, ulong open, ulong close)
    {
        Quotes = quotes;
        Backslashes = backslashes;
        Colons = colons;
        Open = open;
        Close = close;
    }

    public ulong Quotes { get; }

    public ulong Backslashes { get; }

    public ulong Colons { get; }

    /// <summary><c>{</c> and <c>[</c>.</summary>
    public ulong Open { get; }

    /// <summary><c>}</c> and <c>]</c>.</summary>
    public ulong Close { get; }

    /// <summary>Looks at 64 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static JsonBits Of(ref byte first)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var bytes = Vector512.LoadUnsafe(ref first);
            var folded = bytes | Vector512.Create((byte)0x20);
            return new JsonBits(
                Vector512.Equals(bytes, Vector512.Create((byte)'"')).ExtractMostSignificantBits(),
                Vector512.Equals(bytes, Vector512.Create((byte)'\\')).ExtractMostSignificantBits(),
                Vector512.Equals(bytes, Vector512.Create((byte)':')).ExtractMostSignificantBits(),
                Vector512.Equals(folded, Vector512.Create((byte)'{')).ExtractMostSignificantBits(),
                Vector512.Equals(folded, Vector512.Create((byte)'}')).ExtractMostSignificantBits());
        }

        var low = Vector256.LoadUnsafe(ref first);
        var high = Vector256.LoadUnsafe(ref first, 32);

        // 0x20 is what [ and { differ by, and ] and }, and no other byte becomes one of them by it.
        var foldedLow = low | Vector256.Create((byte)0x20);
        var foldedHigh = high | Vector256.Create((byte)0x20);
        return new JsonBits(
            Equal(low, high, (byte)'"'),
            Equal(low, high, (byte)'\\'),
            Equal(low, high, (byte)':'),
            Equal(foldedLow, foldedHigh, (byte)'{'),
            Equal(foldedLow, foldedHigh, (byte)'}'));
    }

    /// <summary>Which characters a backslash stands before: they mean nothing to the structure.</summary>
    /// <param name="backslashes">Where backslashes are.</param>
    /// <param name="carry">Whether the first byte is escaped by the last of the bytes before; then the same for the bytes that follow.</param>
    public static ulong Escaped(ulong backslashes, ref bool carry)
    {
        var escaped = carry ? 1UL : 0;
        carry = false;
        backslashes &= ~escaped;
        while (backslashes != 0)
        {
            var next = (backslashes & (0 - backslashes)) << 1;
            if (next == 0)
            {
                carry = true;
                break;
            }

            escaped |= next;
            backslashes &= backslashes - 1;
            backslashes &= ~next;
        }

        return escaped;
    }

    /// <summary>Each bit the XOR of all bits up to it: from every opening quote to the byte before its closing one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong PrefixXor(ulong bits)
    {
        if (Pclmulqdq.IsSupported)
        {
            return Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(bits), Vector128<ulong>.AllBitsSet, 0).ToScalar();
        }

        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        return bits ^ (bits << 32);
    }

    /// <summary>Position of the highest bit set; −1 where there is none.</summary>
    public static int Highest(ulong bits) => 63 - BitOperations.LeadingZeroCount(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Equal(Vector256<byte> low, Vector256<byte> high, byte value)
    {
        var wanted = Vector256.Create(value);
        return Vector256.Equals(low, wanted).ExtractMostSignificantBits()
            | ((ulong)Vector256.Equals(high, wanted).ExtractMostSignificantBits() << 32);
    }
}
