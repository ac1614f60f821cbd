using Rookery.Broker;

namespace Rookery.Local;

/// <content>A journal that failed is opened again, with growing pauses between attempts, and every topic gets a new shell.</content>
internal sealed partial class JournalKeeper
{
    private void Recover(JournalException cause)
    {
        lock (_gate)
        {
            if (!IsServing)
            {
                return;
            }

            // Clients need not know where the files are; the log says everything.
            _whyUnavailable = cause.InnerException is DiskFullException ? FullDisk : "the broker cannot store at present: its journal failed; try again later";
            _recovery = Task.Run(() => RecoverAsync(cause));
        }
    }

    private async Task RecoverAsync(JournalException cause)
    {
        BrokerLog.Recovering(_logger, cause);
        var failed = _journal!;
        try
        {
            failed.Dispose();
        }
        catch (Exception exception)
        {
            // It is of no use any more either way.
            BrokerLog.NotClosed(_logger, exception);
        }

        await DiscardAsync().ConfigureAwait(false);
        var delay = Recoveries > 0 && _time.GetElapsedTime(_recoveredAt) < _options.MaxRetryDelay ? Longer(_delay) : TimeSpan.Zero;
        for (; !_stopping.IsCancellationRequested; delay = Longer(delay))
        {
            await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                OpenJournal(failed.Failure, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it is: without another attempt nothing would ever be served again.
                BrokerLog.RecoveryFailed(_logger, Longer(delay), exception);
                continue;
            }

            (_delay, _recoveredAt) = (delay, _time.GetTimestamp());
            Recoveries++;
            RecoveriesCounter.Add(1);
            BrokerLog.Recovered(_logger, Topics.Count, Recoveries);

            // A topic that fails in this has all of them recovered again.
            _ = InstallAsync();
            return;
        }
    }

    private TimeSpan Longer(TimeSpan delay) => delay == TimeSpan.Zero
        ? FirstRetryDelay
        : TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, _options.MaxRetryDelay.Ticks));

    private void OpenJournal(JournalFailure? after, CancellationToken cancellationToken)
    {
        _replayed = [];
        _resting.Clear();
        _cache = new FrameCache(_options.CacheBytes);
        var journal = SharedJournal.Open(_options.Journal, _openFiles(), this, _time, _logger, Metrics, after, cancellationToken);
        try
        {
            journal.Start();
            _journal = journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Puts the replayed shells in place, and empty ones where the journal had nothing.</summary>
    private Task<bool[]> InstallAsync()
    {
        lock (_gate)
        {
            // What is posted from now on comes behind the new shell.
            var installed = Topics.All.Select(mailbox =>
            {
                var shell = _replayed.GetValueOrDefault(mailbox.Topic) ?? NewShell(mailbox, _journal!.For(mailbox.Topic));
                return mailbox.Ask(
                    turn =>
                    {
                        turn.Install(shell);
                        return true;
                    },
                    closed: true);
            }).ToList();
            _replayed = [];
            if (!_draining)
            {
                _whyUnavailable = null;
            }

            _journal!.BeginReclaiming();
            if (_journal.Failure is { } failure)
            {
                Recover(failure.Cause);
            }

            return Task.WhenAll(installed);
        }
    }

    private async Task DiscardAsync()
    {
        var discarded = await Task.WhenAll(Topics.All.Select(mailbox => mailbox.Ask(turn => turn.Discard(), closed: null))).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var shell in discarded)
            {
                _discarded = _discarded.Plus(shell);
            }
        }
    }
}
