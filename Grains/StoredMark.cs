using System.Text;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>
/// What stands before a small stored record: what it is and in which version it was written, so that a version that does not know it
/// refuses it instead of misreading it. Records from before there were marks have none, and none of them begins like one: the topics' names
/// begin with no zero; what begins with an id (version 4) has 40 hex or more in the place of the version; whether the pipeline is paused
/// was a single byte.
/// <code>
/// 0  1  zero
/// 1  6  what it is, in letters
/// 7  1  version, 1 to 63
/// 8  n  the record
/// </code>
/// </summary>
/// <param name="kind">Six letters.</param>
/// <param name="version">The version that is written, and the latest that can be read.</param>
/// <param name="what">What it is, for people.</param>
internal sealed class StoredMark(string kind, byte version, string what)
{
    private const int Size = 8;

    private readonly byte[] _mark = [0, .. Encoding.ASCII.GetBytes(kind), version];

    /// <summary>Begins a record.</summary>
    public void Write(FlatWriter writer)
    {
        foreach (var one in _mark)
        {
            writer.Byte(one);
        }
    }

    /// <summary>A record of these bytes.</summary>
    public byte[] Before(ReadOnlySpan<byte> content) => [.. _mark, .. content];

    /// <summary>The content of a record; all of it where it is from before there were marks.</summary>
    /// <exception cref="InvalidDataException">It was written by a version that this one does not know.</exception>
    public byte[] Open(byte[] record)
    {
        if (record.Length < Size || !record.AsSpan(0, Size - 1).SequenceEqual(_mark.AsSpan(0, Size - 1)))
        {
            return record;
        }

        return record[Size - 1] is > 0 and var found && found <= version
            ? record[Size..]
            : throw new InvalidDataException($"{what} was stored in version {record[Size - 1]}; this program reads up to version {version}");
    }
}
