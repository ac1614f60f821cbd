using System.Runtime.CompilerServices;

namespace Rookery.Broker;

/// <content>Writing: one commit at a time, the rest gathers behind it.</content>
public sealed partial class TopicShell
{
    /// <summary>Bytes from which a frame takes no more commands.</summary>
    private const int MaxGatheredBytes = 4 << 20;

    /// <summary>Full frames that may wait for the one being written: a journal this far behind takes no more commands.</summary>
    private const int MaxQueued = 32;

    /// <summary>Bytes of metadata before a snapshot replaces it, unless a snapshot is large itself.</summary>
    private const long SnapshotAfter = 1 << 20;

    /// <summary>Bytes of ended events before a snapshot lets their frames go whole.</summary>
    private const long SnapshotAfterEnded = 16 << 20;

    private const string FailedDetail = "the journal failed and the topic is being recovered; try again later";
    private const string BehindDetail = "the journal is behind by more than the topic may hold; try again later";
    private const string UnknownDetail = "the journal failed while this was written; it may or may not have been stored";

    private readonly Queue<PendingCommit> _queued = new();
    private readonly Stack<PendingCommit> _spares = new();
    private readonly Action _appended;
    private readonly Action _completeAppend;
    private PendingCommit _gathering;
    private PendingCommit? _committing;
    private ConfiguredValueTaskAwaitable<long>.ConfiguredValueTaskAwaiter _append;
    private long _snapshotBytes;
    private long _endedBytes;
    private bool _snapshotWanted;

    private bool IsSnapshotDue => _snapshotWanted
        || _topic.Frames.MetadataBytes > Math.Max(SnapshotAfter, 4 * _snapshotBytes)
        || _endedBytes > Math.Max(SnapshotAfterEnded, 64 * _snapshotBytes);

    private void QueueGathered(long now)
    {
        _queued.Enqueue(_gathering);
        _gathering = _spares.TryPop(out var spare) ? spare : new PendingCommit(Name);
        _topic.Begin(_gathering.Batch, now);
    }

    /// <summary>Starts commits until one has to be waited for or nothing is left.</summary>
    private void Commit()
    {
        while (_committing is null && !IsFailed)
        {
            if (!_queued.TryDequeue(out _committing))
            {
                if (IsSnapshotDue && _moving.Count == 0)
                {
                    _snapshotWanted = false;
                    _gathering.Batch.Snapshot(_topic);
                }

                if (_gathering.Batch.IsEmpty)
                {
                    Finish(_gathering);
                    return;
                }

                _committing = _gathering;
                _gathering = _spares.TryPop(out var spare) ? spare : new PendingCommit(Name);
                _topic.Begin(_gathering.Batch, Now);
            }

            StartAppend(_committing.Batch);
        }
    }

    private void StartAppend(RecordBatch batch)
    {
        try
        {
#pragma warning disable CA2012 // Consumed once, in EndAppend: a task would be an allocation per commit.
            _append = _journal.AppendAsync(batch.Seal()).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Fail(exception);
            return;
        }

        if (_append.IsCompleted)
        {
            EndAppend();
        }
        else
        {
            _append.UnsafeOnCompleted(_appended);
        }
    }

    private void CompleteAppend()
    {
        EndAppend();
        Flush();
    }

    private void EndAppend()
    {
        long address;
        try
        {
            address = _append.GetResult();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Fail(exception);
            return;
        }

        var done = _committing!;
        _committing = null;
        Written(done.Batch, address);
        Finish(done);
        _spares.Push(done);
    }

    private void Written(RecordBatch batch, long address)
    {
        _topic.Frames.Written(batch.Slot, address, batch.Length, batch.EventBytes);
        if (batch.SnapshotBytes > 0)
        {
            (_snapshotBytes, _endedBytes, _snapshotSlot) = (batch.SnapshotBytes, 0, batch.Slot);
            _topic.Frames.ReleaseMetadataBefore(batch.Slot, _journal, _cache);
        }

        if (batch.EventBytes == 0)
        {
            return;
        }

        if (batch.Published.Count > 0)
        {
            _topic.Durable = batch.LastSequence;
            _topic.MarkAllReady();
        }

        var frame = batch.ToCachedFrame();
        _topic.Frames[batch.Slot].Cached = frame;
        Hold(frame);
        _cache.Add(frame);
        foreach (var sequence in frame.MovedSequences)
        {
            frame.TryFind(sequence, out var stored);
            _topic.Moved(sequence, batch, stored.Size);
        }
    }

    /// <summary>What a batch recorded is durable: bytes go back to the journal, results to those who wait.</summary>
    private void Finish(PendingCommit done)
    {
        foreach (var release in done.Batch.Releases.Span)
        {
            _endedBytes += release.Bytes;
            _topic.Frames.Release(release.Slot, release.Bytes, _journal, _cache);
        }

        done.Batch.Releases.Clear();
        PendingCommit.TellDropped(Name, done.Dropped);
        foreach (var (commands, completion) in done.Waiting)
        {
            if (HasListing(commands))
            {
                _listings.Add((commands, completion));
            }
            else
            {
                completion.Complete(commands);
            }
        }

        done.Waiting.Clear();
    }

    private void Fail(Exception exception)
    {
        IsFailed = true;
        _committing?.Fail(Outcome.Unknown, UnknownDetail);
        while (_queued.TryDequeue(out var queued))
        {
            queued.Fail(Outcome.Unavailable, FailedDetail);
        }

        _gathering.Fail(Outcome.Unavailable, FailedDetail);
        FailListings();
        LetGo();
        _topic.Frames.Forget(_cache);
        _failed(exception as JournalException ?? new JournalException($"topic {Name}: {exception.Message}", exception));
    }
}
