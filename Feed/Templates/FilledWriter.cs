using System.Buffers.Text;

namespace Rookery.Feed;

/// <summary>Writes filled templates one after another into a buffer known to be long enough.</summary>
internal ref struct FilledWriter(Span<byte> buffer)
{
    /// <summary>The longest value of a slot: a date.</summary>
    public const int MaxValueLength = 30;

    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private set; }

    public void Copy(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer[Length..]);
        Length += bytes.Length;
    }

    public void Number(long value)
    {
        // Cannot fail: the caller made room for MaxValueLength.
        Utf8Formatter.TryFormat(value, _buffer[Length..], out var written);
        Length += written;
    }

    public void Date(long unixMilliseconds)
    {
        TwitterDate.Write(unixMilliseconds, _buffer.Slice(Length, TwitterDate.Length));
        Length += TwitterDate.Length;
    }
}
