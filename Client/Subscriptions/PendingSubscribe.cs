using System.Buffers;
using System.Text;

namespace Rookery.Client;

/// <summary>A subscribe on its way, the first one or the one of a new connection.</summary>
internal sealed class PendingSubscribe(Subscription subscription, byte[] line, bool first) : PendingCommand
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    public bool IsFirst => first;

    public override void WriteTo(IBufferWriter<byte> output) => output.Write(line);

    public override void Reply(ReadOnlySpan<byte> reply)
    {
        if (Lines.IsError(reply))
        {
            var error = RookeryException.Of(Encoding.UTF8.GetString(reply));
            subscription.End(error);
            _done.TrySetException(error);
        }
        else
        {
            subscription.Begin();
            _done.TrySetResult();
        }
    }

    // A repeated one is made anew for the next connection, with the place to go on from.
    public override bool SurvivesLoss(Exception reason) => first;

    public override void Fail(Exception reason, bool sent) => _done.TrySetException(reason);
}
