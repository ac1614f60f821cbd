using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>Remembers whether the pipeline is paused.</summary>
internal sealed class PipelineGrain(PipelineServices services) : Grain, IPipelineGrain
{
    private static readonly StoredMark Mark = new("paused", 1, "whether the pipeline is paused");
    private IStateRecord _record = null!;
    private bool? _paused;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _record = services.PipelineRecord();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<bool> IsPausedAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return _paused ??= await _record.ReadAsync() is { } record && Mark.Open(record) is [1, ..];
        }
        catch (Exception exception) when (exception is StoreUnavailableException or FencedException or InvalidDataException)
        {
            throw new InvalidOperationException($"whether the pipeline is paused cannot be read at present: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public async Task SetPausedAsync(bool paused, CancellationToken cancellationToken = default)
    {
        if (await IsPausedAsync(cancellationToken) == paused)
        {
            return;
        }

        try
        {
            await _record.WriteAsync(Mark.Before([paused ? (byte)1 : (byte)0]));
            _paused = paused;
        }
        catch (Exception exception) when (exception is StoreUnavailableException or FencedException)
        {
            DeactivateOnIdle();
            throw new InvalidOperationException($"it could not be remembered: {exception.Message}");
        }
    }
}
