using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Rookery.Broker;

/// <summary>Appends to a pooled buffer that grows.</summary>
internal struct ByteWriter
{
    private byte[] _buffer;

    public ByteWriter(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>Bytes written.</summary>
    public int Length { get; set; }

    public readonly byte[] Buffer => _buffer;

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Makes room and says where to write; <see cref="Length"/> is the writer's to move.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - Length < bytes)
        {
            Grow(bytes);
        }

        return _buffer.AsSpan(Length);
    }

    public void Byte(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    public void Number(long value) => Length += Put(Reserve(10), (ulong)value);

    public void Signed(long value) => Number((value << 1) ^ (value >> 63));

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    public void Text(string? text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text ?? string.Empty);
        Number(bytes);
        Length += Encoding.UTF8.GetBytes(text ?? string.Empty, Reserve(bytes));
    }

    /// <summary>Hands the buffer over to whoever returns it to the pool.</summary>
    public byte[] Detach()
    {
        var buffer = _buffer;
        _buffer = [];
        Length = 0;
        return buffer;
    }

    public void Rent(int capacity)
    {
        Return();
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    }

    public void Return()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(Detach());
        }
    }

    /// <summary>Bytes that a number takes.</summary>
    public static int SizeOf(long value) => (BitOperations.Log2((ulong)value | 1) / 7) + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put(Span<byte> target, ulong value)
    {
        var i = 0;
        while (value >= 0x80)
        {
            target[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[i++] = (byte)value;
        return i;
    }

    private void Grow(int bytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Length + bytes), _buffer.Length * 2));
        Written.CopyTo(larger);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
    }
}
