using Microsoft.Extensions.ObjectPool;

namespace Rookery.Wire;

/// <summary>
/// The commands of one read, and room for their replies: batches for the topics they name, and a slot per command in order.
/// Its replies are written once all its batches are executed and every earlier round's replies are written.
/// </summary>
internal sealed class Round
{
    private const int LargestKept = 64 * 1024;
    private static readonly ObjectPool<Round> Pool = new DefaultObjectPool<Round>(new DefaultPooledObjectPolicy<Round>(), 256);
    private int _open;

    public List<ReplySlot> Slots { get; } = [];

    /// <summary>Replies known when the command was read: errors, <c>pong</c>.</summary>
    public ByteBuffer Text { get; } = new();

    public List<WireBatch> Batches { get; } = [];

    /// <summary>What it takes off the connection's allowance for commands in execution.</summary>
    public int Cost { get; set; }

    /// <summary>The highest ordinal of its batches; 0 where nobody waits for a reply of them.</summary>
    public long LastOrdinal { get; set; }

    /// <summary>The last reply in it is the last thing that is said: no event follows.</summary>
    public bool IsLast { get; set; }

    /// <summary>The slot to write next, and within it the line.</summary>
    public int NextSlot { get; set; }

    public int NextLine { get; set; }

    public bool IsDone => Volatile.Read(ref _open) == 0;

    public static Round Rent() => Pool.Get();

    public static void Return(Round round)
    {
        foreach (var batch in round.Batches)
        {
            WireBatch.Return(batch);
        }

        var keep = round.Slots.Capacity <= LargestKept / 32;
        round.Slots.Clear();
        round.Batches.Clear();
        round.Text.Release();
        round.Cost = 0;
        round.LastOrdinal = 0;
        round.IsLast = false;
        round.NextSlot = 0;
        round.NextLine = 0;
        if (keep)
        {
            Pool.Return(round);
        }
    }

    /// <summary>Before its batches are executed: they, and the one who submits them, have to say <see cref="Done"/>.</summary>
    public void Begin() => _open = Batches.Count + 1;

    /// <summary>One of them is done.</summary>
    /// <returns>True for the last.</returns>
    public bool Done() => Interlocked.Decrement(ref _open) == 0;
}

/// <summary>How a reply looks.</summary>
internal enum ReplyKind : byte
{
    Text,
    Publish,
    Subscribe,
    Unsubscribe,
    Acknowledge,
    AcknowledgeRanges,
    Return,
    ListDead,
    ReplayDead,
    DiscardDead,
    DropTopic,
}

/// <summary>The place of one command's reply.</summary>
/// <param name="Kind">How it looks.</param>
/// <param name="Silent">Nothing is said where the command succeeds.</param>
/// <param name="Index">Which command of the batch; for a text, where it begins.</param>
/// <param name="Length">Of a text; of dead letters the most that are listed, 0 for all.</param>
/// <param name="Batch">The batch it belongs to.</param>
internal readonly record struct ReplySlot(ReplyKind Kind, bool Silent, int Index, int Length, WireBatch? Batch);
