namespace Rookery.Grains;

/// <summary>
/// The life of a partition within a grain: it works beside the grain's own turns, ends with its grain, and its grain with it. Once in a
/// while it looks whether the partition belongs to another silo by now, and moves.
/// </summary>
internal sealed class PartitionRun
{
    private readonly CancellationTokenSource _stop;
    private readonly Action _close;
    private readonly PipelineServices _services;
    private readonly Task _working;
    private readonly IGrainTimer _timer;
    private bool _strange;

    /// <summary>Begins to work.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="run">What it does until closed or cancelled.</param>
    /// <param name="close">Closes it: what was taken is done, and no more.</param>
    /// <param name="services">What the silo has.</param>
    /// <param name="leave">Ends the grain.</param>
    public PartitionRun(Grain grain, Func<CancellationToken, Task> run, Action close, PipelineServices services, Action leave)
    {
        (_close, _services) = (close, services);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(services.Stopping);

        // Taken now: by the time the work begins the source may be gone.
        var stop = _stop.Token;
        _working = Task.Run(() => run(stop), CancellationToken.None);
        var look = services.Options.KeepEvery * 5;
        _timer = grain.RegisterGrainTimer(
            () =>
            {
                // Twice in a row: who belongs to the cluster is not known everywhere at the same moment.
                var strange = !services.Placement.IsHome(grain.GrainContext.GrainId);
                if (_working.IsCompleted || (strange && _strange))
                {
                    leave();
                }

                _strange = strange;
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = look, Period = look, Interleave = true });
    }

    /// <summary>Whether it works no more.</summary>
    public bool HasEnded => _working.IsCompleted;

    /// <summary>
    /// Ends the work: in order if that takes no longer than one attempt at the store may, and the silo has left, else as a kill would. Who calls
    /// the grain meanwhile waits, and a store that is down would not answer however long they did. Without any time it has ended on return.
    /// </summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        _timer.Dispose();
        _close();
        try
        {
            await _working.WaitAsync(_services.End.Within(_services.Options.StoreTimeout), _services.Time, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            // What is unfinished, the next activation finds.
        }

#pragma warning disable CA1849 // The runtime waits no longer than its token says, which may be over already.
        _stop.Cancel();
#pragma warning restore CA1849
        _stop.Dispose();
    }
}
