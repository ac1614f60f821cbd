namespace Rookery.Client;

// How events are settled: noted by the consumer, sent many at once, kept until the broker has them.
public sealed partial class Subscription
{
    private readonly List<long> _acks = [];
    private readonly int _acksAtOnce;
    private readonly ITimer _ackTimer;
    private bool _ackTimerRuns;
    private readonly BackOff _ackBackOff;
    private List<TaskCompletionSource>? _acksAwaited;

    // Acknowledged by the consumer, and the broker has not said yet that it knows. Until then it may deliver them again, because
    // their lease ended or a connection was lost.
    private readonly HashSet<long> _acknowledging = [];

    /// <summary>Acknowledges an event: told to the broker soon, together with others.</summary>
    /// <remarks>Settling an event again, or one that the broker has taken back, has no effect.</remarks>
    public void Ack(ReceivedEvent received)
    {
        if (Note(received, wanted: false, out _))
        {
            SendAcks();
        }
    }

    /// <summary>Acknowledges an event and waits until the broker has that on record. Await several together rather than one by one.</summary>
    /// <exception cref="RookeryException">The broker refused it; it is tried again, but this call does not wait.</exception>
    /// <exception cref="RookeryConnectionException">The client gave up reconnecting.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before the broker had it.</exception>
    public Task AckAsync(ReceivedEvent received, CancellationToken cancellationToken = default)
    {
        Note(received, wanted: true, out var done);
        SendAcks();
        return done.WaitAsync(cancellationToken);
    }

    /// <summary>Gives an event back, to be delivered again after a delay, and waits until the broker has that on record.</summary>
    /// <param name="received">The event; if it was settled or taken back already, this has no effect.</param>
    /// <param name="delay">The delay, whole milliseconds; default 0.</param>
    /// <param name="cancellationToken">Ends the wait, not the command.</param>
    /// <exception cref="ArgumentOutOfRangeException">The delay is below 0.</exception>
    /// <exception cref="RookeryException">The broker refused it.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async Task NackAsync(ReceivedEvent received, TimeSpan delay = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(received);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        lock (_gate)
        {
            if (received.Settled || _ended)
            {
                return;
            }

            received.Settled = true;
            if (received.Epoch != _epoch)
            {
                return;
            }

            // Where its lease ended and it came again, the copy is what is given back.
            _buffer.Drop(received.Sequence);
        }

        await _client.NackAsync(Topic, received.Sequence, (long)delay.TotalMilliseconds, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Acknowledgements to send now, as one command; null where there are none.</summary>
    internal PendingAcks? TakeAcks()
    {
        lock (_gate)
        {
            if (_acks.Count == 0 || !_live || _ended)
            {
                return null;
            }

            var count = Math.Min(_acks.Count, PendingAcks.MaxCount);
            var sequences = new long[count];
            _acks.CopyTo(0, sequences, 0, count);
            _acks.RemoveRange(0, count);
            Array.Sort(sequences);

            // Replies come in order, so whoever waits waits for the last part.
            var awaited = _acks.Count == 0 ? _acksAwaited : null;
            _acksAwaited = awaited is null ? _acksAwaited : null;
            return new PendingAcks(this, sequences, awaited);
        }
    }

    internal void AcksTaken(PendingAcks acks)
    {
        lock (_gate)
        {
            _ackBackOff.Reset();
            foreach (var sequence in acks.Sequences)
            {
                _acknowledging.Remove(sequence);
            }
        }

        acks.Complete(null);
    }

    internal void AcksRefused(PendingAcks acks, string reply)
    {
        var error = RookeryException.Of(reply);
        if (Lines.IsNotSubscribed(reply))
        {
            End(error);
        }
        else
        {
            // Whatever hindered the broker, the events stay in flight until it has the acknowledgements.
            ClientMetrics.AcksRepeated.Add(acks.Sequences.Length);
            lock (_gate)
            {
                _acks.AddRange(acks.Sequences);
                StartAckTimer(_ackBackOff.Next());
            }
        }

        acks.Complete(error);
    }

    internal void AcksLost(PendingAcks acks)
    {
        lock (_gate)
        {
            if (IsDurable && !_ended)
            {
                _acks.AddRange(acks.Sequences);
                if (acks.Awaited is not null)
                {
                    (_acksAwaited ??= []).AddRange(acks.Awaited);
                }

                return;
            }
        }

        // The subscription ended with its connection, and with it every claim to these events.
        acks.Complete(null);
    }

    /// <summary>Asks the client to send the acknowledgements noted so far.</summary>
    internal void SendAcks()
    {
        lock (_gate)
        {
            if (_acks.Count == 0 || !_live)
            {
                return;
            }
        }

        _client.Acknowledge(this);
    }

    /// <returns>True where the acknowledgements should be sent now rather than a little later.</returns>
    private bool Note(ReceivedEvent received, bool wanted, out Task done)
    {
        ArgumentNullException.ThrowIfNull(received);
        done = Task.CompletedTask;
        lock (_gate)
        {
            if (received.Settled || _ended)
            {
                return false;
            }

            received.Settled = true;
            if (received.Epoch != _epoch && !IsDurable)
            {
                return false;
            }

            // It may have come again meanwhile, and may yet: the acknowledgement is for those copies too.
            _buffer.Drop(received.Sequence);
            _acknowledging.Add(received.Sequence);
            _acks.Add(received.Sequence);
            if (wanted)
            {
                var awaited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                (_acksAwaited ??= []).Add(awaited);
                done = awaited.Task;
            }

            StartAckTimer(_client.Options.AckDelay);
            return _acks.Count >= _acksAtOnce;
        }
    }

    private void ForgetAcks(Exception? error)
    {
        new PendingAcks(this, [], _acksAwaited).Complete(error);
        _acksAwaited = null;
        _acks.Clear();
        _acknowledging.Clear();
    }

    private void StartAckTimer(TimeSpan delay)
    {
        if (!_ackTimerRuns)
        {
            _ackTimerRuns = true;
            _ackTimer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    private void AckTimerFired()
    {
        lock (_gate)
        {
            _ackTimerRuns = false;
        }

        SendAcks();
    }
}
