namespace Rookery.Grains;

/// <summary>Whether an operator has paused the writing, as far as this silo knows. For any number of threads.</summary>
internal sealed class PauseSwitch
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _resumed;

    /// <summary>Whether it is paused.</summary>
    public bool IsPaused => Volatile.Read(ref _resumed) is not null;

    /// <summary>Pauses or resumes.</summary>
    /// <returns>Whether that changed something.</returns>
    public bool Set(bool paused)
    {
        lock (_gate)
        {
            if (paused == IsPaused)
            {
                return false;
            }

            _resumed?.SetResult();
            Volatile.Write(ref _resumed, paused ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null);
            return true;
        }
    }

    /// <summary>Completes while it is not paused.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _resumed) is { } resumed)
        {
            await resumed.Task.WaitAsync(cancellationToken);
        }
    }
}
