using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Rookery.Wire;

/// <summary>
/// What comes from a client, as the web server reads it, and how that began: of a request whose first line cannot be read the
/// server does not tell the method, and the answer to HEAD has no body. Blank lines before it are passed over, as the server does.
/// </summary>
internal sealed class RequestReader(PipeReader client) : PipeReader
{
    private bool _startsWithHead;

    /// <summary>What was read last begins as a request for the head alone does; as long as its first line was not taken, that is where it is.</summary>
    public bool StartsWithHead => _startsWithHead;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = client.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Noted(reading.Result)) : AwaitAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        var read = client.TryRead(out result);
        if (read)
        {
            Noted(result);
        }

        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => client.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => client.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => client.CancelPendingRead();

    public override void Complete(Exception? exception = null) => client.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => client.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> AwaitAsync(ValueTask<ReadResult> reading) => Noted(await reading.ConfigureAwait(false));

    private ReadResult Noted(ReadResult result)
    {
        var start = new SequenceReader<byte>(result.Buffer);
        start.AdvancePastAny((byte)'\r', (byte)'\n');
        _startsWithHead = start.IsNext("HEAD"u8, advancePast: true) && (!start.TryPeek(out var next) || next is (byte)' ' or (byte)'\r' or (byte)'\n');
        return result;
    }
}
