using Microsoft.Extensions.Hosting;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>
/// Looks after the pipeline from within each silo: asks for the streams, so that each of them is read somewhere, follows what the
/// operator wants, and fetches the words of the tweet server.
/// </summary>
internal sealed class PipelineKeeper(
    PipelineServices services, WorkerServices workers, IGrainFactory grains, ISiloStatusOracle silos, IEnumerable<ILexiconSource> lexicons)
    : BackgroundService
{
    private const int EveryStream = 5;
    private static readonly TimeSpan LexiconAgain = TimeSpan.FromSeconds(10);

    // A call to a silo that has just died hangs for the whole deadline of calls; one more is soon made.
    private TimeSpan Patience => services.Options.KeepEvery + TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var options = services.Options;
        var lexicon = options.Source is null ? Task.CompletedTask : FetchLexiconAsync(stoppingToken);
        using var timer = new PeriodicTimer(options.KeepEvery, services.Time);
        try
        {
            for (var tick = 0; await timer.WaitForNextTickAsync(stoppingToken); tick++)
            {
                if (silos.CurrentStatus == SiloStatus.Active)
                {
                    await Task.WhenAll(FollowPauseAsync(), KeepStreamsAsync(tick));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo ends.
        }

        await lexicon;
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await services.StopReadingAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // There is no more time: what is not durable is read again, elsewhere.
        }
    }

    private async Task KeepStreamsAsync(int tick)
    {
        if (services.Options.Source is not { } source)
        {
            return;
        }

        // The silo that a stream belongs to asks for it often, the others now and then.
        var streams = Enumerable.Range(1, services.Options.Streams).Select(number => grains.GetGrain<IStreamReaderGrain>(number));
        await Task.WhenAll(streams.Where(stream => tick % EveryStream == 0 || services.Placement.IsHome(stream.GetGrainId())).Select(KeepAsync));

        async Task KeepAsync(IStreamReaderGrain stream)
        {
            try
            {
                await stream.KeepAsync(source, CancellationToken.None).WaitAsync(Patience, services.Time);
            }
#pragma warning disable CA1031 // The silo that had it may have died this moment; the next tick asks again.
            catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
            {
                PipelineLog.StreamNotKept(services.Logger, stream.GetPrimaryKeyLong(), exception.Message);
            }
        }
    }

    private async Task FollowPauseAsync()
    {
        try
        {
            var paused = await grains.GetGrain<IPipelineGrain>(0).IsPausedAsync(CancellationToken.None).WaitAsync(Patience, services.Time);
            if (services.Pause.Set(paused))
            {
                PipelineLog.Paused(services.Logger, paused ? "paused by an operator" : "resumed");
            }
        }
#pragma warning disable CA1031 // As it was, until it is known.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            PipelineLog.PauseUnknown(services.Logger, exception.Message);
        }
    }

    private async Task FetchLexiconAsync(CancellationToken cancellationToken)
    {
        foreach (var source in lexicons)
        {
            try
            {
                while (true)
                {
                    if (await source.FetchAsync(cancellationToken) is { } lexicon)
                    {
                        workers.Use(lexicon);
                        break;
                    }

                    await Task.Delay(LexiconAgain, services.Time, cancellationToken);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
