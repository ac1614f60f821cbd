using System.Diagnostics;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// The mailbox of a topic: what comes from any thread waits in a queue that the thread pool empties, one turn at a time.
/// A turn takes everything that waits, then flushes the shell, so that everything in it shares a commit. A topic at rest
/// has no thread, no task, and no timer unless something is due.
/// </summary>
internal sealed class TopicMailbox(TopicName topic, IMailboxOwner owner, TimeProvider time) : IThreadPoolWorkItem, IDisposable
{
    // In place of a queue: the mailbox is closed.
    private static readonly MailboxItem Closed = new MailboxAction(static _ => { });

    // In no order: each knows its place.
    private readonly List<BatchRun> _outstanding = [];

    // Sessions that used the topic and have not ended.
    private readonly HashSet<TopicLink> _links = [];
    private readonly List<TaskCompletionSource> _waitingForIdle = [];
    private MailboxItem? _queue;
    private MailboxItem? _turn;
    private int _scheduled;
    private ITimer? _timer;
    private long? _timerSetTo;
    private int _wakeDue;
    private bool _disposed;

    public TopicName Topic => topic;

    /// <summary>The topic at present; null while the journal is being recovered. Changed in turns only.</summary>
    public TopicShell? Shell { get; private set; }

    /// <summary>Whether the topic was given back: another mailbox has to be asked for.</summary>
    public bool IsClosed => Volatile.Read(ref _queue) == Closed;

    /// <summary>Puts an item into the queue, from any thread.</summary>
    /// <returns>False: the mailbox is closed, and the item is not in it.</returns>
    public bool Post(MailboxItem item)
    {
        MailboxItem? head;
        do
        {
            head = Volatile.Read(ref _queue);
            if (head == Closed)
            {
                return false;
            }

            item.Next = head;
        }
        while (Interlocked.CompareExchange(ref _queue, item, head) != head);
        Schedule();
        return true;
    }

    /// <inheritdoc cref="Post(MailboxItem)"/>
    public bool Post(Action<TopicMailbox> action) => Post(new MailboxAction(action));

    /// <summary>Asks something in a turn; a closed mailbox gives the answer for that.</summary>
    public Task<T> Ask<T>(Func<TopicMailbox, T> question, T closed)
    {
        var item = new MailboxQuestion<T>(question);
        return Post(item) ? item.Answer : Task.FromResult(closed);
    }

    /// <summary>Completes when every batch that was handed to the topic is complete.</summary>
    public Task WhenIdle()
    {
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var posted = Post(mailbox =>
        {
            mailbox._waitingForIdle.Add(rest);
            mailbox.TellIfIdle();
        });
        return posted ? rest.Task : Task.CompletedTask;
    }

    /// <summary>In the turn that gives the topic back: nothing waits, and nothing can be posted any more.</summary>
    /// <returns>False: something came meanwhile.</returns>
    public bool TryClose() =>
        _outstanding.Count == 0 && _turn is null && Interlocked.CompareExchange(ref _queue, Closed, null) is null;

    /// <summary>A turn.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            Shell?.WhyNoPublishes = owner.WhyNoPublishes;

            // First what a turn that failed had left.
            RunTurn();
            _turn = Reverse(Interlocked.Exchange(ref _queue, null));
            RunTurn();
            if (Interlocked.Exchange(ref _wakeDue, 0) == 1)
            {
                _timerSetTo = null;
                Shell?.Wake();
            }

            Shell?.Flush();
            if (Shell is { } shell && shell.TryRest(out var resting) && owner.Rest(this, shell, resting))
            {
                // It stays scheduled, so that it never runs again.
                Leave();
                return;
            }

            SetTimer();
        }
        catch (Exception exception)
        {
            // The state of the shell is unknown, as after a failed commit; what the journal has is not.
            owner.Failed(Shell, new JournalException($"topic {topic} failed: {exception.Message}", exception));
        }

        Volatile.Write(ref _scheduled, 0);
        Interlocked.MemoryBarrier();
        if (_turn is not null || Volatile.Read(ref _queue) is not null || Volatile.Read(ref _wakeDue) == 1)
        {
            Schedule();
        }
    }

    /// <summary>Hands a batch to the topic, in a turn.</summary>
    public void Execute(BatchRun run)
    {
        if (Shell is not { } shell)
        {
            run.Refuse(owner.WhyUnavailable);
            return;
        }

        if (!run.Link.IsKnown)
        {
            run.Link.IsKnown = true;
            _links.Add(run.Link);
        }

        run.Place = _outstanding.Count;
        _outstanding.Add(run);
        var (trace, last) = (run.Commands.Trace, shell.LastSequence);
        shell.Execute(run.Commands, run.Link.Session, run);
        if ((trace.TraceFlags & ActivityTraceFlags.Recorded) != 0 && shell.LastSequence > last)
        {
            owner.Traces.Follow(topic, last + 1, trace);
        }
    }

    /// <summary>A batch is complete, in a turn.</summary>
    public void Completed(BatchRun run)
    {
        var last = _outstanding[^1];
        (_outstanding[run.Place], last.Place) = (last, run.Place);
        _outstanding.RemoveAt(_outstanding.Count - 1);
        TellIfIdle();
    }

    /// <summary>Ends what a session has here, in a turn.</summary>
    public void Detach(TopicLink link)
    {
        if (_links.Remove(link))
        {
            link.IsKnown = false;
            Shell?.Detach(link.Session);
        }
    }

    /// <summary>Takes the shell away, in a turn; nobody knows the outcome of what it had not completed.</summary>
    public TopicShell? Discard()
    {
        var shell = Shell;
        Shell = null;
        foreach (var run in _outstanding)
        {
            run.Abandon();
        }

        _outstanding.Clear();
        TellIfIdle();
        return shell;
    }

    /// <summary>Puts a shell that replayed the journal in place, in a turn.</summary>
    public void Install(TopicShell shell)
    {
        Shell = shell;

        // What comes in this same turn counts, too: the first event of a new topic.
        shell.WhyNoPublishes = owner.WhyNoPublishes;
        shell.Recovered(_links.Select(link => link.Session));
        foreach (var link in _links)
        {
            link.ApplyCredit();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _timer?.Dispose();
    }

    /// <summary>The topic was given back: sessions that used it find another mailbox.</summary>
    private void Leave()
    {
        Dispose();
        foreach (var link in _links)
        {
            link.Forget();
        }

        _links.Clear();
    }

    private void RunTurn()
    {
        while (_turn is { } item)
        {
            (_turn, item.Next) = (item.Next, null);
            item.Run(this);
        }
    }

    private static MailboxItem? Reverse(MailboxItem? item)
    {
        MailboxItem? first = null;
        while (item is not null)
        {
            (item.Next, first, item) = (first, item, item.Next);
        }

        return first;
    }

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void TellIfIdle()
    {
        if (_outstanding.Count == 0)
        {
            _waitingForIdle.ForEach(waiting => waiting.TrySetResult());
            _waitingForIdle.Clear();
        }
    }

    private void SetTimer()
    {
        if (_disposed || Shell?.NextWakeMs is not { } wake || (_timerSetTo is { } set && set <= wake))
        {
            // Where the timer fires too early, the topic is asked again when it is due.
            return;
        }

        _timerSetTo = wake;
        _timer ??= time.CreateTimer(static state => ((TopicMailbox)state!).WakeSoon(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var due = Math.Clamp(wake - time.GetUtcNow().ToUnixTimeMilliseconds(), 0, int.MaxValue);
        _timer.Change(TimeSpan.FromMilliseconds(due), Timeout.InfiniteTimeSpan);
    }

    private void WakeSoon()
    {
        Volatile.Write(ref _wakeDue, 1);
        Schedule();
    }
}

/// <summary>Whoever keeps the mailboxes.</summary>
internal interface IMailboxOwner
{
    /// <summary>The events that are followed to their subscribers.</summary>
    DeliveryTraces Traces { get; }

    /// <summary>Why commands are refused while a topic has no shell.</summary>
    string WhyUnavailable { get; }

    /// <summary>Why events are refused at present, and nothing else; null: they are not.</summary>
    string? WhyNoPublishes { get; }

    /// <summary>Nothing is in a topic and nobody uses it: closes its mailbox, in its turn, and remembers what is left.</summary>
    /// <returns>False: it stays for now.</returns>
    bool Rest(TopicMailbox mailbox, TopicShell shell, RestingTopic? resting);

    /// <summary>A shell is of no use any more. Called in its turn.</summary>
    void Failed(TopicShell? shell, JournalException cause);
}
