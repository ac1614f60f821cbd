using System.Net.Sockets;

namespace Rookery.Local;

/// <summary>
/// A socket as a stream that takes as much as there is in one call. The HTTP client reads chunk by chunk, some 4 KB at a
/// time; without this each of these reads would be a call of the operating system. What the socket reports comes out as an
/// <see cref="IOException"/>, the only failure of a transport that the HTTP client knows.
/// </summary>
internal sealed class ReadAheadStream : Stream
{
    /// <summary>
    /// What may be left between two chunks without a byte of content: the end of one, and the length of the next. Who takes it
    /// for content would wait for the next event with this one unread.
    /// </summary>
    private const int ChunkFraming = 16;

    private readonly Socket _socket;
    private readonly byte[] _buffer;
    private int _start;
    private int _end;

    public ReadAheadStream(Socket socket, int bytes = 256 << 10)
    {
        _socket = socket;
        _buffer = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
    }

    /// <summary>Whether a read would bring content without waiting.</summary>
    public bool HasMore => _end - _start > ChunkFraming || (_socket.Connected && _end - _start + _socket.Available > ChunkFraming);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_end > _start || buffer.IsEmpty)
        {
            return new ValueTask<int>(Take(buffer.Span));
        }

        // Nothing to gain from a copy where the caller takes as much as the buffer holds.
        return buffer.Length >= _buffer.Length
            ? ReceiveAsync(buffer, cancellationToken)
            : FillAndTakeAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_end == _start && !buffer.IsEmpty)
        {
            _start = 0;
            _end = Receive();
        }

        return Take(buffer);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                buffer = buffer[await _socket.SendAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
            }
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        try
        {
            _socket.Send(buffer, offset, count, SocketFlags.None);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> FillAndTakeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _start = 0;
        _end = 0;
        _end = await ReceiveAsync(_buffer, cancellationToken).ConfigureAwait(false);
        return Take(buffer.Span);
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private int Receive()
    {
        try
        {
            return _socket.Receive(_buffer);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }
}
