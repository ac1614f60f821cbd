namespace Rookery.Local;

/// <summary>
/// Wakes who waits for a condition to change. Take <see cref="Next"/> before looking at the condition, and await it if the
/// condition does not hold yet: a pulse in between is not missed. For any number of threads.
/// </summary>
internal sealed class Pulse
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next <see cref="Set"/>.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Wakes all who wait now.</summary>
    public void Set() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
