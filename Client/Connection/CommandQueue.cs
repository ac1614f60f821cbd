using System.IO.Pipelines;

namespace Rookery.Client;

/// <summary>Commands that wait to be sent, and those that were sent and wait for their reply, both in order.</summary>
internal sealed class CommandQueue
{
    private readonly Lock _gate = new();
    private readonly AsyncSignal _work = new();
    private readonly Queue<PendingCommand> _sent = new();
    private readonly Queue<Subscription> _acknowledging = new();
    private Queue<PendingCommand> _waiting = new();
    private int _abandoned;
    private bool _refusing;
    private Exception? _ended;

    /// <summary>Something waits to be sent.</summary>
    public Task WorkAsync(CancellationToken cancellationToken) => _work.WaitAsync(cancellationToken);

    /// <summary>Adds a command; <paramref name="prepare"/> runs in the order of the queue.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public void Add<TCommand>(TCommand command, Action<TCommand>? prepare = null, bool closing = false)
        where TCommand : PendingCommand
    {
        lock (_gate)
        {
            if (_ended is not null || (_refusing && !closing))
            {
                throw _ended ?? new ObjectDisposedException(nameof(RookeryClient));
            }

            prepare?.Invoke(command);
            _waiting.Enqueue(command);
        }

        _work.Set();
    }

    /// <summary>Nothing waits to be sent or replied to.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _sent.Count + _waiting.Count - _abandoned + _acknowledging.Count == 0;
            }
        }
    }

    /// <summary>Commands kept to be sent.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Takes no more commands from callers.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            _refusing = true;
        }
    }

    /// <summary>A subscription has acknowledgements to send.</summary>
    public void Acknowledge(Subscription subscription)
    {
        lock (_gate)
        {
            if (subscription.InAckQueue)
            {
                return;
            }

            subscription.InAckQueue = true;
            _acknowledging.Enqueue(subscription);
        }

        _work.Set();
    }

    /// <summary>Writes what waits, up to about <paramref name="enough"/> bytes.</summary>
    /// <returns>True where more is waiting.</returns>
    public bool Send(PipeWriter output, long enough)
    {
        lock (_gate)
        {
            // Acknowledgements first: they make room for events, and an unsubscribe must come after them.
            for (var n = _acknowledging.Count; n > 0; n--)
            {
                var subscription = _acknowledging.Dequeue();
                subscription.InAckQueue = false;
                while (subscription.TakeAcks() is { } acks)
                {
                    acks.WriteTo(output);
                    _sent.Enqueue(acks);
                }
            }

            while (output.UnflushedBytes < enough && _waiting.TryDequeue(out var command))
            {
                if (command.Abandoned)
                {
                    _abandoned--;
                    continue;
                }

                command.WriteTo(output);
                command.Sent = true;
                _sent.Enqueue(command);
            }

            return _waiting.Count > 0;
        }
    }

    /// <summary>Gives a command up that was not sent yet.</summary>
    /// <returns>False where it was sent: its reply still comes.</returns>
    public bool TryAbandon(PendingCommand command)
    {
        lock (_gate)
        {
            if (command.Sent)
            {
                return false;
            }

            // Without a connection nothing else takes them away, and callers who give up and try again would add to them without end.
            command.Abandoned = true;
            if (++_abandoned > _waiting.Count / 2)
            {
                _waiting = new Queue<PendingCommand>(_waiting.Where(waiting => !waiting.Abandoned));
                _abandoned = 0;
            }

            return true;
        }
    }

    /// <summary>The command that the next reply belongs to; null where nothing was asked.</summary>
    public PendingCommand? TakeReplied()
    {
        lock (_gate)
        {
            return _sent.TryDequeue(out var command) ? command : null;
        }
    }

    /// <summary>The command that lines before its reply belong to, where it has some.</summary>
    public ListingCommand? Listing()
    {
        lock (_gate)
        {
            return _sent.TryPeek(out var command) ? command as ListingCommand : null;
        }
    }

    /// <summary>
    /// Puts what was sent and may be repeated back in front of what waits, behind <paramref name="first"/>: the subscribes of the next
    /// connection, instead of those that were to be sent on the last one.
    /// </summary>
    public int Restore(IEnumerable<PendingCommand> first, Exception reason)
    {
        lock (_gate)
        {
            var again = new Queue<PendingCommand>(first);
            var repeated = 0;
            foreach (var command in _sent)
            {
                if (command.SurvivesLoss(reason))
                {
                    again.Enqueue(command);
                    repeated++;
                }
            }

            foreach (var command in _waiting)
            {
                if (!command.Abandoned && command is not PendingSubscribe { IsFirst: false })
                {
                    again.Enqueue(command);
                }
            }

            _sent.Clear();
            (_waiting, _abandoned) = (again, 0);
            return repeated;
        }
    }

    /// <summary>Fails all there is, and all that comes.</summary>
    public void End(Exception reason)
    {
        PendingCommand[] sent, waiting;
        lock (_gate)
        {
            _ended ??= reason;
            sent = [.. _sent];
            waiting = [.. _waiting];
            _sent.Clear();
            _waiting.Clear();
            _abandoned = 0;
            _acknowledging.Clear();
        }

        foreach (var command in sent)
        {
            command.Fail(reason, sent: true);
        }

        foreach (var command in waiting)
        {
            // One of a connection before this one waits to be sent again.
            command.Fail(reason, command.Sent);
        }
    }

    /// <summary>Lets the writer of a new connection look at what is there.</summary>
    public void Wake() => _work.Set();
}
