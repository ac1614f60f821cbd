using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>
/// Asks for the change feed while this silo is active, so that somewhere in the cluster it runs; it runs again within seconds
/// where its silo died.
/// </summary>
internal sealed class ChangeFeedKeeper(IGrainFactory grains, TimeProvider time, ILogger<ChangeFeedKeeper> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(ChangeFeedKeeper),
        ServiceLifecycleStage.Active,
        _ =>
        {
            _run = Task.Run(RunAsync, CancellationToken.None);
            return Task.CompletedTask;
        },
        async cancellationToken =>
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _run.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                await KeepAsync().ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task KeepAsync()
    {
        try
        {
            await grains.GetGrain<IChangeFeedGrain>(0).KeepAsync().WaitAsync(Every, time, _stop.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The silo it is on may just have died; the next turn asks again.
        catch (Exception error) when (!_stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            ChangeFeedLog.NotKept(logger, error.Message);
        }
    }
}
