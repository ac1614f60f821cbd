using System.IO.Pipelines;

namespace Rookery.Wire;

/// <summary>
/// What goes to a client, as the web server writes it, until somebody else answers for the server: what it writes after that goes
/// nowhere.
/// </summary>
internal sealed class AnsweringWriter(PipeWriter client) : PipeWriter
{
    private byte[]? _nowhere;

    public override bool CanGetUnflushedBytes => client.CanGetUnflushedBytes;

    public override long UnflushedBytes => _nowhere is null ? client.UnflushedBytes : 0;

    /// <summary>Sends the last bytes that go to this client.</summary>
    /// <remarks>For whoever writes for the server, at a time when it does not.</remarks>
    public void Answer(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(client.GetSpan(bytes.Length));
        client.Advance(bytes.Length);
        _nowhere = [];
    }

    public override void Advance(int bytes)
    {
        if (_nowhere is null)
        {
            client.Advance(bytes);
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _nowhere is null ? client.GetMemory(sizeHint) : Nowhere(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _nowhere is null ? client.GetSpan(sizeHint) : Nowhere(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => client.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => client.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => client.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => client.CompleteAsync(exception);

    private byte[] Nowhere(int sizeHint)
    {
        if (_nowhere!.Length < Math.Max(sizeHint, 1))
        {
            _nowhere = new byte[Math.Max(sizeHint, 256)];
        }

        return _nowhere;
    }
}
