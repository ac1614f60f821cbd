using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// The one writer of the journal: takes every append that waits, writes all of them, syncs once, and completes them. While it
/// does, the next batch gathers. Everything that changes files happens on its thread. After a failure it writes nothing more
/// and refuses what comes.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    private static readonly TimeSpan ReserveInterval = TimeSpan.FromSeconds(2);

    private readonly SharedJournal _journal;
    private readonly SegmentStore _store;

    // Not a SemaphoreSlim: that spins before it sleeps, which took 6 % of the server's time from those it waits for.
    private readonly AutoResetEvent _wake = new(false);
    private readonly List<TopicJournal> _batch = [];
    private readonly Action _writeBatch;
    private readonly Action _housekeep;
    private readonly Thread _thread;
    private readonly ITimer _syncTimer;
    private readonly ITimer _reserveTimer;
    private SegmentWriter _active;
    private TopicJournal? _queue;
    private int _asleep;
    private volatile bool _syncDue;
    private volatile bool _retireDue;
    private volatile bool _reserveDue;
    private volatile bool _stopping;
    private volatile bool _ended;
    private bool _syncArmed;
    private int _done;
    private volatile JournalFailure? _failure;

    public JournalWriter(SharedJournal journal, int firstNumber)
    {
        _journal = journal;
        (_writeBatch, _housekeep) = (WriteBatch, Housekeep);
        _store = new SegmentStore(journal);
        _syncTimer = journal.Time.CreateTimer(_ => SyncSoon(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _reserveTimer = journal.Time.CreateTimer(_ => ReserveSoon(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _active = _store.Create(firstNumber, SegmentHeader.Size);
        KeepReserve();
        _thread = new Thread(Run) { Name = "journal writer", IsBackground = true };
    }

    public JournalFailure? Failure => _failure;

    /// <summary>Whether the disk is full but for what acknowledgements and drops need.</summary>
    public bool IsLow => _store.Reserve.IsSpent;

    private JournalOptions Options => _journal.Options;

    public void Start() => _thread.Start();

    /// <summary>Puts an append into the queue. The queue is bounded: a topic has one append outstanding.</summary>
    public void Submit(TopicJournal append)
    {
        TopicJournal? head;
        do
        {
            head = Volatile.Read(ref _queue);
            append.Next = head;
        }
        while (Interlocked.CompareExchange(ref _queue, append, head) != head);
        if (_ended)
        {
            RefuseQueue();
        }
        else
        {
            Wake();
        }
    }

    /// <summary>Has empty segments deleted soon.</summary>
    public void RetireSoon()
    {
        _retireDue = true;
        Wake();
    }

    /// <summary>Writes and syncs what waits, and ends.</summary>
    public void Dispose()
    {
        _stopping = true;
        Wake();
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
        {
            Close();
        }
        else
        {
            _thread.Join();
        }

        _syncTimer.Dispose();
        _reserveTimer.Dispose();
        _wake.Dispose();
    }

    private void SyncSoon()
    {
        _syncDue = true;
        Wake();
    }

    private void ReserveSoon()
    {
        _reserveDue = true;
        Wake();
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _asleep, 0) == 1)
        {
            _wake.Set();
        }
    }

    private void Run()
    {
        while (true)
        {
            _batch.Clear();
            Take(_batch);
            if (_batch.Count > 0)
            {
                Commit();
            }
            else if (_stopping)
            {
                break;
            }

            Attempt(_housekeep);
            Sleep();
        }

        Close();
    }

    private void Sleep()
    {
        Volatile.Write(ref _asleep, 1);
        Interlocked.MemoryBarrier();
        var busy = Volatile.Read(ref _queue) is not null || _stopping || (_failure is null && (_retireDue || _syncDue || _reserveDue));
        if (!busy || Interlocked.Exchange(ref _asleep, 0) == 0)
        {
            _wake.WaitOne();
        }
    }

    private void Take(List<TopicJournal> appends)
    {
        for (var append = Interlocked.Exchange(ref _queue, null); append is not null; append = append.Next)
        {
            appends.Add(append);
        }

        appends.Reverse();
    }

    private void Commit()
    {
        _done = 0;
        Attempt(_writeBatch);
        for (; _done < _batch.Count; _done++)
        {
            _batch[_done].Fail(_failure!.Cause);
        }
    }

    private void WriteBatch()
    {
        for (var i = 0; i < _batch.Count; i++)
        {
            if (!_active.HasRoomFor(_batch[i].Frame.Length))
            {
                Finish(i);
                Roll(_batch[i].Frame.Length);
            }

            _active.Gather(_batch[i]);
        }

        Finish(_batch.Count);
    }

    /// <summary>Writes and, as the durability asks, syncs what was gathered; then completes the appends it came from.</summary>
    private void Finish(int end)
    {
        if (_done == end)
        {
            return;
        }

        _active.Write();
        if (Options.Durability == Durability.Fsync)
        {
            Sync();
        }
        else if (Options.Durability == Durability.Interval && !_syncArmed)
        {
            _syncArmed = true;
            _syncTimer.Change(Options.SyncInterval, Timeout.InfiniteTimeSpan);
        }

        var (first, bytes) = (_done, 0L);
        for (; _done < end; _done++)
        {
            bytes += _batch[_done].Frame.Length;
            _batch[_done].Complete();
        }

        _journal.Metrics.Stored(end - first, bytes);
    }

    private void Sync()
    {
        if (_active.IsDirty)
        {
            _active.Sync();
            _journal.Metrics.Synced();
        }
    }

    private void Roll(int bytes)
    {
        if (_store.IsDurable)
        {
            Sync();
        }

        _active.Trim();
        var next = _store.Create(_active.Segment.Number + 1, (long)bytes + SegmentHeader.Size);
        _active.Dispose();
        var full = _active;
        _active = next;
        _journal.Seal(full.Segment);
        if (IsLow)
        {
            KeepReserve();
        }
    }

    private void Housekeep()
    {
        if (_syncDue)
        {
            (_syncDue, _syncArmed) = (false, false);
            Sync();
        }

        if (_retireDue)
        {
            _retireDue = false;
            Retire();
        }

        if (_reserveDue)
        {
            _reserveDue = false;
            KeepReserve();
        }
    }

    /// <summary>Sets the reserve aside, or looks again soon whether there is room for it.</summary>
    private void KeepReserve()
    {
        _store.Reserve.Keep();
        if (IsLow)
        {
            _reserveTimer.Change(ReserveInterval, Timeout.InfiniteTimeSpan);
        }

        _journal.TellRoom(IsLow);
    }

    /// <summary>Deletes the segments in which nothing lives, as soon as what made them so is on the device.</summary>
    private void Retire()
    {
        var empty = _journal.Segments.Values.Where(segment => segment.IsEmpty).ToList();
        if (empty.Count == 0)
        {
            return;
        }

        if (_store.IsDurable)
        {
            Sync();
        }

        _store.Delete(empty);
        if (IsLow)
        {
            KeepReserve();
        }

        _journal.Listener.Deleted();
        _journal.Reclaimer.Consider();
    }

    private void Close()
    {
        Attempt(() =>
        {
            Sync();

            // On a full disk somebody else would take what is given back, and the next start would find no room for its segment.
            if (!IsLow)
            {
                _active.Trim();
            }
        });
        _active.Dispose();
        _ended = true;
        Interlocked.MemoryBarrier();
        RefuseQueue();
    }

    private void RefuseQueue()
    {
        var refused = new List<TopicJournal>();
        Take(refused);
        foreach (var append in refused)
        {
            append.Fail(_failure?.Cause ?? _journal.Closed);
        }
    }

    /// <summary>Does something to the files, unless they failed before; if it fails, that is the end of this journal.</summary>
    private void Attempt(Action action)
    {
        if (_failure is not null)
        {
            return;
        }

        try
        {
            action();
        }
        catch (Exception exception)
        {
            // Whatever it was, nobody knows any more what is in the file.
            var cause = new JournalException(
                $"writing the journal in {_journal.Files.Location} failed: {exception.Message}; what was being stored may or may not be",
                exception);
            var promised = Options.Durability == Durability.Fsync ? JournalPromise.OnDevice : JournalPromise.Written;
            _failure = new JournalFailure(cause, _active.Segment.Number, _active.Synced, promised);
            _journal.Fail(_failure);
        }
    }
}
