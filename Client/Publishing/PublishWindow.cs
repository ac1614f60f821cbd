namespace Rookery.Client;

/// <summary>Room for unconfirmed events, in number and in bytes; who finds none waits, first come first served.</summary>
internal sealed class PublishWindow(int maxEvents, long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<Waiter> _waiters = new();
    private int _events;
    private long _bytes;
    private Exception? _closed;

    public ValueTask EnterAsync(int bytes, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (_closed is not null)
            {
                return ValueTask.FromException(_closed);
            }

            if (_waiters.Count == 0 && HasRoom(bytes))
            {
                Take(bytes);
                return ValueTask.CompletedTask;
            }

            waiter = new Waiter(bytes);
            _waiters.Enqueue(waiter);
        }

        return new ValueTask(WaitAsync(waiter, cancellationToken));
    }

    public void Leave(int bytes)
    {
        lock (_gate)
        {
            _events--;
            _bytes -= bytes;
            Admit();
        }
    }

    public void Close(Exception reason)
    {
        lock (_gate)
        {
            _closed ??= reason;
            while (_waiters.TryDequeue(out var waiter))
            {
                waiter.TrySetException(reason);
            }
        }
    }

    private async Task WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(static (state, token) => ((Waiter)state!).TrySetCanceled(token), waiter).ConfigureAwait(false))
        {
            try
            {
                await waiter.Task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // One that gave up may have stood in front of others who fit.
                lock (_gate)
                {
                    Admit();
                }

                throw;
            }
        }
    }

    private void Admit()
    {
        while (_waiters.TryPeek(out var waiter) && (waiter.Task.IsCompleted || HasRoom(waiter.Bytes)))
        {
            _waiters.Dequeue();
            if (waiter.TrySetResult())
            {
                Take(waiter.Bytes);
            }
        }
    }

    // An event larger than all the room there is goes alone.
    private bool HasRoom(int bytes) => _events < maxEvents && (_events == 0 || _bytes + bytes <= maxBytes);

    private void Take(int bytes)
    {
        _events++;
        _bytes += bytes;
    }

    private sealed class Waiter(int bytes) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Bytes => bytes;
    }
}
