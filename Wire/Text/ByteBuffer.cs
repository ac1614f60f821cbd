using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Rookery.Wire;

/// <summary>Bytes that grow in a pooled array. Empty it holds no array, so an idle connection costs nothing.</summary>
internal sealed class ByteBuffer : IBufferWriter<byte>
{
    private const int Smallest = 512;
    private byte[] _array = [];

    /// <summary>Bytes written.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Count);

    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Count);

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        var wanted = Math.Max(sizeHint, 1);
        if (_array.Length - Count < wanted)
        {
            Grow(wanted);
        }

        return _array.AsSpan(Count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GetSpan(sizeHint);
        return _array.AsMemory(Count);
    }

    public void Advance(int count) => Count += count;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Count += bytes.Length;
    }

    public void Append(byte value)
    {
        GetSpan(1)[0] = value;
        Count++;
    }

    public void Append(long number)
    {
        Utf8Formatter.TryFormat(number, GetSpan(20), out var written);
        Count += written;
    }

    /// <summary>Adds a text as UTF-8 and the end of a line.</summary>
    public void AppendLine(string text)
    {
        Advance(Encoding.UTF8.GetBytes(text, GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
        Append("\r\n"u8);
    }

    public void Truncate(int count) => Count = count;

    /// <summary>Empties it and keeps the array for what comes next.</summary>
    public void Clear() => Count = 0;

    /// <summary>Empties it and gives the array back.</summary>
    public void Release()
    {
        Count = 0;
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = [];
        }
    }

    private void Grow(int wanted)
    {
        var bigger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Count + wanted), Math.Max(Smallest, _array.Length * 2)));
        Span.CopyTo(bigger);
        var old = _array;
        _array = bigger;
        if (old.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }
}
