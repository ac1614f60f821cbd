using Microsoft.Extensions.Logging;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>Tries operations of the store until they are done: each with a deadline, with back-off between them, and not while paused.</summary>
internal sealed class StoreAttempts(string who, PipelineOptions options, PauseSwitch pause, TimeProvider time, ILogger logger)
{
    private volatile string? _trouble;

    /// <summary>Why nothing is written at present; null: it is, as far as known.</summary>
    public string? Trouble => pause.IsPaused ? "an operator has paused the pipeline" : _trouble;

    /// <summary>Tries until it is done.</summary>
    /// <param name="what">What it is, for the log: "write tweets".</param>
    /// <param name="attempt">One attempt.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="failed">Called after each failure.</param>
    /// <exception cref="StoreRejectedException">The store says: never.</exception>
    /// <exception cref="FencedException">Somebody else has taken over.</exception>
    public async Task<T> UntilDoneAsync<T>(
        string what, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken, Action? failed = null)
    {
        var backOff = new BackOff(options.Retry.First, options.Retry.Longest);
        while (true)
        {
            await pause.WaitAsync(cancellationToken);
            using var deadline = new CancellationTokenSource(options.StoreTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                // Whoever does not look at the token is not waited for either.
                var result = await attempt(either.Token).WaitAsync(either.Token);
                if (_trouble is not null)
                {
                    _trouble = null;
                    PipelineLog.StoreUp(logger, who);
                }

                return result;
            }
            catch (Exception exception) when (exception is not (StoreRejectedException or FencedException or OutOfMemoryException)
                && !cancellationToken.IsCancellationRequested)
            {
                var cause = exception is OperationCanceledException ? $"not done within {options.StoreTimeout.TotalSeconds:0.###} s" : exception.Message;
                if (_trouble is null)
                {
                    PipelineLog.StoreDown(logger, who, what, cause);
                }

                _trouble = $"the store cannot {what}: {cause}";
                PipelineMetrics.Retries.Add(1);
                failed?.Invoke();
            }

            await Task.Delay(backOff.Next(), time, cancellationToken);
        }
    }

    /// <summary>As above, where nothing comes of it.</summary>
    public Task UntilDoneAsync(string what, Func<CancellationToken, Task> attempt, CancellationToken cancellationToken) => UntilDoneAsync(
        what,
        async token =>
        {
            await attempt(token);
            return true;
        },
        cancellationToken);
}
