using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Rookery.Client;

/// <summary>Acknowledgements on their way, as one command: sequence numbers of one topic, neighbours joined to ranges.</summary>
internal sealed class PendingAcks(Subscription subscription, long[] sorted, List<TaskCompletionSource>? awaited) : PendingCommand
{
    /// <summary>Most numbers of one command, which keeps its line short of any limit.</summary>
    public const int MaxCount = 1_000;

    // "#" and "-" and "," around two of the longest numbers.
    private const int MaxRangeBytes = 48;

    public ReadOnlySpan<long> Sequences => sorted;

    /// <summary>Who waits for the broker to have them.</summary>
    public List<TaskCompletionSource>? Awaited => awaited;

    // ack <topic> #1-5,#7,#9-12
    public override void WriteTo(IBufferWriter<byte> output)
    {
        output.Write("ack "u8);
        output.Write(Encoding.ASCII.GetBytes(subscription.Topic));
        var separator = (byte)' ';
        for (var i = 0; i < sorted.Length;)
        {
            var first = sorted[i];
            var last = first;
            while (++i < sorted.Length && sorted[i] == last + 1)
            {
                last++;
            }

            var span = output.GetSpan(MaxRangeBytes);
            span[0] = separator;
            span[1] = (byte)'#';
            Utf8Formatter.TryFormat(first, span[2..], out var length);
            length += 2;
            if (last != first)
            {
                span[length++] = (byte)'-';
                Utf8Formatter.TryFormat(last, span[length..], out var more);
                length += more;
            }

            output.Advance(length);
            separator = (byte)',';
        }

        output.Write("\r\n"u8);
    }

    public override void Reply(ReadOnlySpan<byte> line)
    {
        if (Lines.IsError(line))
        {
            subscription.AcksRefused(this, Encoding.UTF8.GetString(line));
        }
        else
        {
            subscription.AcksTaken(this);
        }
    }

    public override bool SurvivesLoss(Exception reason)
    {
        subscription.AcksLost(this);
        return false;
    }

    public override void Fail(Exception reason, bool sent) => Complete(reason);

    /// <summary>Tells those who wait that the broker has them, or why not.</summary>
    public void Complete(Exception? error)
    {
        foreach (var one in awaited ?? [])
        {
            _ = error is null ? one.TrySetResult() : one.TrySetException(error);
        }
    }
}
