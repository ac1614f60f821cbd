using Microsoft.Extensions.Logging;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>The writing: again while the store is down, and in parts where it refuses the whole.</summary>
internal sealed partial class StoreLoop
{
    private async Task WriteBatchAsync(CancellationToken abort)
    {
        var refused = new RefusedRows();
        await WriteAsync(_batch, refused, abort).ConfigureAwait(false);
        if (refused.Reason is { } reason)
        {
            LogRefused(refused.Tweets, refused.Users, _batch.RowCount, refused.First, reason);
        }
    }

    /// <summary>Writes what can be written: what the store refuses as a whole is halved until the rows stand alone that it is about.</summary>
    private async Task WriteAsync(StoreBatch batch, RefusedRows refused, CancellationToken abort)
    {
        if (await IsTakenAsync(batch, refused, abort).ConfigureAwait(false))
        {
            return;
        }

        var half = batch.RowCount / 2;
        using var before = batch.Part(0, half);
        await WriteAsync(before, refused, abort).ConfigureAwait(false);
        using var after = batch.Part(half, batch.RowCount - half);
        await WriteAsync(after, refused, abort).ConfigureAwait(false);
    }

    /// <summary>Writes a batch, however often it takes.</summary>
    /// <returns>False where the store refuses it and it has more than one row; a single one is noted.</returns>
    private async Task<bool> IsTakenAsync(StoreBatch batch, RefusedRows refused, CancellationToken abort)
    {
        while (true)
        {
            await WaitWhilePausedAsync(abort).ConfigureAwait(false);
            var start = _time.GetTimestamp();
            try
            {
                var receipt = await _store.WriteAsync(batch, abort).ConfigureAwait(false);
                Written(batch, receipt, _time.GetElapsedTime(start));
                return true;
            }
            catch (StoreRejectedException e)
            {
                if (batch.RowCount > 1)
                {
                    return false;
                }

                refused.Add(batch, e);
                Interlocked.Add(ref _rejected, batch.TweetCount);
                return true;
            }
            catch (Exception e) when (!abort.IsCancellationRequested || e is not OperationCanceledException)
            {
                Failed(e);
            }

            await WaitWhileDownAsync(abort).ConfigureAwait(false);
        }
    }

    private void Written(StoreBatch batch, StoreReceipt receipt, TimeSpan elapsed)
    {
        if (_down is not null)
        {
            LogUp();
            _down = null;
        }

        _backOff.Reset();
        _limits.Observe(batch.RecordCount, elapsed);
        _statistics.TweetsStored(receipt.Inserted + receipt.Updated, receipt.TweetsTime);
        _statistics.UsersStored(receipt.Users, receipt.UsersTime);
        _lastBatch = batch.RecordCount;
        Volatile.Write(ref _lastMs, elapsed.TotalMilliseconds);
        Interlocked.Add(ref _stored, receipt.Inserted + receipt.Updated);
        Interlocked.Add(ref _inserted, receipt.Inserted);
        Interlocked.Add(ref _users, receipt.Users);
        Interlocked.Increment(ref _batches);
    }

    private void Failed(Exception e)
    {
        Interlocked.Increment(ref _failures);
        _limits.ObserveFailure();
        if (_down is null)
        {
            if (e is StoreUnavailableException or NewerDataException)
            {
                LogDown(e.Message);
            }
            else
            {
                LogDownUnexpectedly(e);
            }
        }

        _down = e.Message;
    }

    private async Task WaitWhileDownAsync(CancellationToken abort)
    {
        do
        {
            await Task.Delay(_backOff.Next(), _time, abort).ConfigureAwait(false);
        }
        while (!await IsHealthyAsync(abort).ConfigureAwait(false));
    }

    private async Task<bool> IsHealthyAsync(CancellationToken abort)
    {
        try
        {
            return await _store.IsHealthyAsync(abort).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever a store throws when it is asked: it is asked again.
        catch (Exception e) when (!abort.IsCancellationRequested && e is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            Failed(e);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "the store is down: {Reason}; the pipeline holds what comes, and goes on by itself")]
    private partial void LogDown(string reason);

    [LoggerMessage(LogLevel.Error, "the store failed unexpectedly; the batch will be written again")]
    private partial void LogDownUnexpectedly(Exception reason);

    [LoggerMessage(LogLevel.Information, "the store is back")]
    private partial void LogUp();

    [LoggerMessage(
        LogLevel.Error,
        "the store refuses {Tweets} tweets and {Users} users of a batch of {Rows} rows, now and later; they are left out, the rest is stored; the first is {First}: {Reason}")]
    private partial void LogRefused(int tweets, int users, int rows, string first, string reason);
}
