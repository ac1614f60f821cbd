namespace Rookery.Local;

/// <summary>What the change feed needs of the store: its outbox.</summary>
public sealed partial class SqliteTweetStore
{
    /// <summary>The name under which the changes of this file are published; known once it was opened.</summary>
    internal string? Producer => _producer;

    /// <summary>Number of the newest change that was committed.</summary>
    internal long LastChange => Volatile.Read(ref _lastChange);

    /// <summary>Changes up to this number were published.</summary>
    internal long PublishedChange => Volatile.Read(ref _published);

    /// <summary>Waits until there is a change above this number.</summary>
    internal async Task WaitForChangesAsync(long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changed.Next;
            if (LastChange > after)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Says that the changes up to this number were published: the next transaction removes them.</summary>
    internal void Published(long number)
    {
        Volatile.Write(ref _published, number);
        _room.Set();
    }

    /// <summary>Removes the published changes now; for when no tweets come that would carry it along.</summary>
    internal async Task TrimAsync(CancellationToken cancellationToken) =>
        await InTurnAsync(
            writer =>
            {
                writer.Trim(PublishedChange);
                return 0;
            },
            cancellationToken).ConfigureAwait(false);

    private async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (!_options.NoteChanges || _options.OutboxOverflow != OutboxOverflow.Wait)
        {
            return;
        }

        while (true)
        {
            var room = _room.Next;
            if (LastChange - PublishedChange < _options.MaxUnpublished)
            {
                return;
            }

            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
