using System.Buffers;
using System.Text;

namespace Rookery.Client;

/// <summary>A command on its way: bytes to send, then one reply to take. Every call is made by one thread at a time.</summary>
internal abstract class PendingCommand
{
    /// <summary>It was written to a connection, this one or one before.</summary>
    public bool Sent { get; set; }

    /// <summary>Nobody waits for it any more, and it was never sent: it never is.</summary>
    public bool Abandoned { get; set; }

    /// <summary>Writes its line.</summary>
    public abstract void WriteTo(IBufferWriter<byte> output);

    /// <summary>Takes the reply.</summary>
    public abstract void Reply(ReadOnlySpan<byte> line);

    /// <summary>The connection was lost after it was sent. True: send it again on the next one. False: it has ended.</summary>
    public abstract bool SurvivesLoss(Exception reason);

    /// <summary>Ends it without a reply.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="sent">The broker may have got it.</param>
    public abstract void Fail(Exception reason, bool sent);
}

/// <summary>A command whose reply is a line of text, whatever it says.</summary>
/// <param name="line">Its line.</param>
/// <param name="repeatable">It may be sent again after its connection was lost.</param>
internal class TextCommand(byte[] line, bool repeatable) : PendingCommand
{
    private readonly TaskCompletionSource<string> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Replied => _reply.Task;

    public override void WriteTo(IBufferWriter<byte> output) => output.Write(line);

    public override void Reply(ReadOnlySpan<byte> line) => _reply.TrySetResult(Encoding.UTF8.GetString(line));

    public override bool SurvivesLoss(Exception reason)
    {
        if (!repeatable)
        {
            _reply.TrySetException(reason);
        }

        return repeatable;
    }

    public override void Fail(Exception reason, bool sent) => _reply.TrySetException(reason);
}

/// <summary>A command with lines before its reply, which says how many there are.</summary>
internal sealed class ListingCommand(byte[] line) : TextCommand(line, repeatable: true)
{
    /// <summary>The lines, each as it came; whole once <see cref="TextCommand.Replied"/> has completed.</summary>
    public List<ReadOnlyMemory<byte>> Listed { get; } = [];

    public void Take(ReadOnlySpan<byte> listed) => Listed.Add(listed.ToArray());

    public override bool SurvivesLoss(Exception reason)
    {
        Listed.Clear();
        return base.SurvivesLoss(reason);
    }
}
