using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rookery.Tweets;

/// <summary>Numbers folded words from 0, in a hash table with open addressing. Filled first; then read by any number of threads.</summary>
internal sealed class WordTable
{
    private int[] _slots = new int[64];
    private byte[][] _words = new byte[32][];
    private ulong[] _hashes = new ulong[32];

    /// <summary>Number of words.</summary>
    public int Count { get; private set; }

    /// <summary>The number of a word.</summary>
    /// <returns>−1 where it is not known.</returns>
    public int Find(ReadOnlySpan<byte> word) => Find(word, Hash(word));

    /// <summary>The number of a word, which is added where it is not known.</summary>
    public int Add(ReadOnlySpan<byte> word)
    {
        var hash = Hash(word);
        var number = Find(word, hash);
        if (number >= 0)
        {
            return number;
        }

        if (Count == _words.Length)
        {
            Array.Resize(ref _words, Count * 2);
            Array.Resize(ref _hashes, Count * 2);
            Rebuild();
        }

        number = Count++;
        _words[number] = word.ToArray();
        _hashes[number] = hash;
        Place(number);
        return number;
    }

    private int Find(ReadOnlySpan<byte> word, ulong hash)
    {
        var slots = _slots;
        var at = (int)hash & (slots.Length - 1);
        while (true)
        {
            var number = slots[at] - 1;
            if (number < 0 || (_hashes[number] == hash && word.SequenceEqual(_words[number])))
            {
                return number;
            }

            at = (at + 1) & (slots.Length - 1);
        }
    }

    private void Rebuild()
    {
        // A quarter full at most, half as it grows: most words of a text are unknown, and end at the first empty slot.
        _slots = new int[_words.Length * 4];
        for (var number = 0; number < Count; number++)
        {
            Place(number);
        }
    }

    private void Place(int number)
    {
        var at = (int)_hashes[number] & (_slots.Length - 1);
        while (_slots[at] != 0)
        {
            at = (at + 1) & (_slots.Length - 1);
        }

        _slots[at] = number + 1;
    }

    // Eight bytes at a time, multiplied and folded; words come from a list, not from an enemy, so a fixed seed will do.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(ReadOnlySpan<byte> word)
    {
        const ulong multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)word.Length * multiplier;
        while (word.Length >= 8)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(word), multiplier);
            word = word[8..];
        }

        if (word.Length >= 4)
        {
            var low = MemoryMarshal.Read<uint>(word);
            var high = MemoryMarshal.Read<uint>(word[^4..]);
            hash ^= low | ((ulong)high << 32);
        }
        else if (word.Length > 0)
        {
            hash ^= word[0] | ((ulong)word[word.Length >> 1] << 8) | ((ulong)word[^1] << 16);
        }

        return Mix(hash, multiplier);
    }

    private static ulong Mix(ulong value, ulong multiplier)
    {
        var high = Math.BigMul(value, multiplier, out var low);
        return high ^ low;
    }
}
