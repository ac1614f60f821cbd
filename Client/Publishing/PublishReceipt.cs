using System.Buffers.Text;
using System.Text;

namespace Rookery.Client;

/// <summary>The broker's word that an event is stored as durably as it promises.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Sequence">The event's number in the topic, from 1; 0 where a repeated event's is not known any more.</param>
/// <param name="Id">The publisher's id of the event.</param>
public readonly record struct PublishReceipt(string Topic, long Sequence, string Id)
{
    // ok pub <topic> <seq> <id>
    internal static bool TryReadSequence(ReadOnlySpan<byte> line, out long sequence)
    {
        sequence = 0;
        if (!line.StartsWith("ok pub "u8))
        {
            return false;
        }

        var rest = line["ok pub "u8.Length..];
        rest = rest[(rest.IndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(rest, out sequence, out _);
    }

    /// <inheritdoc/>
    public override string ToString() => new StringBuilder().Append(Topic).Append(' ').Append(Sequence).Append(' ').Append(Id).ToString();
}
