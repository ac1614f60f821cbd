using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>The change feed of the cluster (<see cref="ChangeFeed"/>), run by whichever silo has this grain.</summary>
[Reentrant]
internal sealed class ChangeFeedGrain(
    IChangeSource source, TopicPublisher publisher, TopicServices topics, ChangeFeedOptions options, ILogger<ChangeFeedGrain> logger)
    : Grain, IChangeFeedGrain, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ChangeFeedStatus _status = new();
    private Task? _run;

    /// <inheritdoc/>
    public Task<ChangeFeedReply> KeepAsync(CancellationToken cancellationToken = default)
    {
        if (!_stop.IsCancellationRequested)
        {
            _run ??= RunAsync();
        }

        return Task.FromResult(new ChangeFeedReply(
            _status.Published, _status.Repeated, _status.Merged, _status.Gone, _status.Refused, _status.Retries, _status.Comparisons, _status.Trouble));
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
#pragma warning disable CA1849 // The runtime waits no longer than its token says, which may be over already.
        _stop.Cancel();
#pragma warning restore CA1849
        if (_run is { } run)
        {
            var most = topics.Options.Log.StorageTimeout;
            await run.WaitAsync(topics.End?.Within(most) ?? most, topics.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        // The caller has its answer first.
        await Task.Yield();
        using var changes = new ChangePublisher(
            source, publisher.PublishAsync, options, topics.Options.Limits.MaxMessageBytes, _status, topics.Time, logger);
        var store = new ChangeFeedStore(topics);
        var feed = new ChangeFeed(source, changes, store, options, _status, topics.Time, logger);
        try
        {
            await feed.RunAsync(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            await SaveAsync(feed);
        }
#pragma warning disable CA1031 // Whatever it was: the next activation begins with what is stored.
        catch (Exception error)
#pragma warning restore CA1031
        {
            ChangeFeedLog.Left(logger, error is FencedException ? error.Message : error.ToString());
            await Task.Delay(options.Pause.First, topics.Time);
            DeactivateOnIdle();
        }
    }

    /// <summary>What is not saved is published again by the next activation, and recognised.</summary>
    private async Task SaveAsync(ChangeFeed feed)
    {
        try
        {
            await feed.SaveAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is FencedException or Tweets.StoreUnavailableException)
        {
            ChangeFeedLog.Left(logger, error.Message);
        }
    }
}
