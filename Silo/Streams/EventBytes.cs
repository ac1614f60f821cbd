namespace Rookery.Silo;

/// <summary>
/// The bytes of a stream of events, of each event no more than a bound: what is beyond it is passed over, up to the blank line that ends the
/// event. So who reads gets a piece that is too long to be a tweet and counts it as such, and the stream goes on behind it, as in the
/// one-process host.
/// </summary>
/// <param name="inner">The bytes as they come.</param>
/// <param name="most">The bound.</param>
/// <param name="heard">Called whenever bytes have come, those of comments and of what is passed over among them.</param>
internal sealed class EventBytes(Stream inner, int most, Action? heard = null) : Stream
{
    private long _event;
    private bool _isBlank = true;
    private bool _afterReturn;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return 0;
            }

            heard?.Invoke();
            if (Keep(buffer.Span[..read]) is > 0 and var kept)
            {
                return kept;
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Moves what stays to the front. Ends of lines always stay: those of what is passed over end nothing that is there.</summary>
    private int Keep(Span<byte> bytes)
    {
        var (at, kept) = (0, 0);
        while (at < bytes.Length)
        {
            var end = bytes[at..].IndexOfAny((byte)'\n', (byte)'\r');
            var text = end < 0 ? bytes.Length - at : end;
            if (text > 0)
            {
                var stays = (int)Math.Clamp(most - _event, 0, text);
                if (kept < at)
                {
                    bytes.Slice(at, stays).CopyTo(bytes[kept..]);
                }

                (at, kept, _event) = (at + text, kept + stays, _event + text);
                (_isBlank, _afterReturn) = (false, false);
            }

            if (end >= 0)
            {
                EndLine(bytes[at]);
                bytes[kept++] = bytes[at++];
            }
        }

        return kept;
    }

    private void EndLine(byte with)
    {
        // \r\n is one end.
        if (with == '\n' && _afterReturn)
        {
            _afterReturn = false;
            return;
        }

        _event = _isBlank ? 0 : _event + 1;
        (_isBlank, _afterReturn) = (true, with == '\r');
    }
}
