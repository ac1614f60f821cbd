using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rookery.Tweets;

/// <summary>
/// Where the characters that give JSON its structure stand among 64 bytes, one bit per byte, the first byte lowest. The idea is
/// that of Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (2019): quotes → a prefix XOR → what is inside strings.
/// </summary>
internal static class JsonBits
{
    /// <summary>Bytes looked at together.</summary>
    public const int Width = 64;

    /// <summary>Looks at 64 bytes.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="quotes">Quotes.</param>
    /// <param name="backslashes">Backslashes.</param>
    /// <param name="colons">Colons.</param>
    /// <param name="open"><c>{</c> and <c>[</c>.</param>
    /// <param name="close"><c>}</c> and <c>]</c>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Find(ref byte first, out ulong quotes, out ulong backslashes, out ulong colons, out ulong open, out ulong close)
    {
        // 0x20 is what [ and { differ by, and ] and }, and no other byte becomes one of them by it.
        if (Vector512.IsHardwareAccelerated)
        {
            var bytes = Vector512.LoadUnsafe(ref first);
            var folded = bytes | Vector512.Create((byte)0x20);
            quotes = Vector512.Equals(bytes, Vector512.Create((byte)'"')).ExtractMostSignificantBits();
            backslashes = Vector512.Equals(bytes, Vector512.Create((byte)'\\')).ExtractMostSignificantBits();
            colons = Vector512.Equals(bytes, Vector512.Create((byte)':')).ExtractMostSignificantBits();
            open = Vector512.Equals(folded, Vector512.Create((byte)'{')).ExtractMostSignificantBits();
            close = Vector512.Equals(folded, Vector512.Create((byte)'}')).ExtractMostSignificantBits();
            return;
        }

        var low = Vector256.LoadUnsafe(ref first);
        var high = Vector256.LoadUnsafe(ref first, 32);
        var foldedLow = low | Vector256.Create((byte)0x20);
        var foldedHigh = high | Vector256.Create((byte)0x20);
        quotes = Equal(low, high, (byte)'"');
        backslashes = Equal(low, high, (byte)'\\');
        colons = Equal(low, high, (byte)':');
        open = Equal(foldedLow, foldedHigh, (byte)'{');
        close = Equal(foldedLow, foldedHigh, (byte)'}');
    }

    /// <summary>Which characters a backslash stands before: they mean nothing to the structure.</summary>
    /// <param name="backslashes">Where backslashes are.</param>
    /// <param name="carry">Whether the first byte is escaped by the last of the bytes before; then the same for the bytes that follow.</param>
    /// <remarks>
    /// A character is escaped if a run of backslashes of odd length ends before it. Adding the first backslashes of runs to all
    /// backslashes carries each run over to the bit behind it, which tells where it ends; done apart for runs that begin at odd places.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Escaped(ulong backslashes, ref bool carry)
    {
        const ulong even = 0x5555555555555555;
        var carried = carry ? 1UL : 0;
        backslashes &= ~carried;
        var behind = (backslashes << 1) | carried;
        var oddStarts = backslashes & ~even & ~behind;
        var ends = oddStarts + backslashes;
        carry = ends < oddStarts;
        return (even ^ (ends << 1)) & behind;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Equal(Vector256<byte> low, Vector256<byte> high, byte value)
    {
        var wanted = Vector256.Create(value);
        return Vector256.Equals(low, wanted).ExtractMostSignificantBits()
            | ((ulong)Vector256.Equals(high, wanted).ExtractMostSignificantBits() << 32);
    }
}
