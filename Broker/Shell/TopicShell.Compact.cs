namespace Rookery.Broker;

/// <content>Moving what lives in old frames to the end of the log.</content>
public sealed partial class TopicShell
{
    /// <summary>Bytes of moved events in one commit.</summary>
    private const int MaxMovedBytes = 1 << 20;

    private readonly Queue<(int Slot, long Address)> _moving = new();
    private long _movedUpTo;

    /// <summary>
    /// Rewrites what lives in frames with an address in [from, to) to the end of the log, in pieces, while serving, and a
    /// snapshot behind it: all bytes of those frames are released, save those of frames that cannot be read.
    /// </summary>
    public void Compact(long from, long to)
    {
        if (IsFailed)
        {
            return;
        }

        foreach (var slot in _topic.Frames.Between(from, to))
        {
            if (!_topic.Frames[slot].Unreadable)
            {
                _moving.Enqueue((slot, _topic.Frames[slot].Address));
                _snapshotWanted = true;
            }
        }
    }

    private void MoveSome()
    {
        while (_moving.TryPeek(out var next) && _gathering.Batch.Length < MaxMovedBytes)
        {
            ref var place = ref _topic.Frames[next.Slot];
            var isThere = place.Address == next.Address && place.Held > place.Metadata && !place.Unreadable;
            if (isThere)
            {
                if (Acquire(next.Slot) is not { } frame)
                {
                    return;
                }

                if (!MoveFrom(frame, next.Slot))
                {
                    return;
                }
            }

            _moving.Dequeue();
            _movedUpTo = 0;
        }
    }

    /// <summary>Moves events of a frame; false where the commit is full before its end.</summary>
    private bool MoveFrom(CachedFrame frame, int slot)
    {
        foreach (var sequence in frame.Sequences)
        {
            if (sequence <= _movedUpTo || !_topic.Events.IsAlive(sequence) || _topic.Events.Find(sequence).Slot != slot)
            {
                continue;
            }

            if (_gathering.Batch.Length >= MaxMovedBytes)
            {
                return false;
            }

            frame.TryFind(sequence, out var stored);
            var records = frame.Records.Span;
            _gathering.Batch.Move(
                in stored, records.Slice(stored.IdStart, stored.IdLength), records.Slice(stored.MessageStart, stored.MessageLength));
            _movedUpTo = sequence;
        }

        return true;
    }
}
