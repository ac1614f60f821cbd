using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <content>Recovery, turns, time, and the end.</content>
internal sealed partial class TopicGrain
{
    /// <summary>Recovers the topic, if that has not been done.</summary>
    /// <returns>Why it cannot be used at present; null: it can.</returns>
    private async Task<string?> NotReadyAsync()
    {
        if (_leaving)
        {
            return "the topic moves to another silo; try again";
        }

        if (_shell is null && (_why is null || services.Time.GetElapsedTime(_failedAt) > RetryAfter))
        {
            var recovery = _recovery ??= RecoverAsync();
            try
            {
                await recovery;
            }
            finally
            {
                // Not one that somebody else has begun since.
                _recovery = _recovery == recovery ? null : _recovery;
            }
        }

        return _leaving ? "the topic moves to another silo; try again" : _shell is null ? _why : null;
    }

    private async Task RecoverAsync()
    {
        GrainStorageTopicJournal? journal = null;
        try
        {
            var began = services.Time.GetTimestamp();
            _tickedAt = Moment.Now(services.Time);
            var store = new LogStore(_name, services.Storage, Options.Log.StorageTimeout, services.Time);
            TopicShell shell = null!;
            journal = new GrainStorageTopicJournal(
                _name, store, Options.Log, services.Time, (from, to) => Post(() => shell.Compact(from, to)), exception => Post(() => Leave(exception)),
                what => ClusterLog.Damaged(services.Logger, what));
            shell = new TopicShell(_name, Options.Limits, journal, services.Cache, services.Time, Post, Leave);
            await journal.RecoverAsync((number, records) => shell.Replay(number, records.Span));
            Recovered(journal, shell, began);
        }
#pragma warning disable CA1031 // Whatever it was, the next attempt may succeed, and whoever waits has to hear why there is none yet.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            journal?.Stop();
            (_journal, _shell, _known) = (null, null, false);
            (_why, _failedAt) = ($"topic {_name} cannot be recovered: {exception.Message}", services.Time.GetTimestamp());
            if (exception is IOException or InvalidDataException)
            {
                ClusterLog.NotRecovered(services.Logger, _name.Value, exception.Message);
            }
            else
            {
                ClusterLog.RecoveryBroken(services.Logger, _name.Value, exception);
            }
        }
    }

    private void Recovered(GrainStorageTopicJournal journal, TopicShell shell, long began)
    {
        // Gateways come back one after the other with the sessions they have; until the lease is over all may.
        shell.Recovered([], awaitsSessions: true);
        _absentAt = services.Time.GetTimestamp();

        // One that is empty may have been struck out of the catalogue: it is entered, perhaps again, when it is used.
        (_journal, _shell, _why, _known) = (journal, shell, null, !journal.IsNew && !shell.IsEmpty);
        if (_known)
        {
            StartTicks();
            ClusterLog.Recovered(services.Logger, _name.Value, journal.RecoveredRecords, services.Time.GetElapsedTime(began), journal.Epoch);
        }
        else
        {
            _absentAt = 0;
        }
    }

    /// <summary>Runs an action in a turn of its own, from any thread.</summary>
    private void Post(Action action) =>
        _ = Task.Factory.StartNew(
            static state =>
            {
                var (grain, action) = ((TopicGrain, Action))state!;
                grain.Turn(action);
            },
            (this, action), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);

    /// <summary>Flushes after what waits for a turn already, so that it shares the commit.</summary>
    private void FlushSoon()
    {
        if (!_flushing)
        {
            _flushing = true;
            Post(() => { });
        }
    }

    private void Turn(Action action)
    {
        if (_shell is not { IsFailed: false } shell)
        {
            return;
        }

        try
        {
            LookIfItSlept();
            action();
            _flushing = false;
            shell.Flush();
            Rest(shell);
            SetWake();
            foreach (var link in _links.Values)
            {
                link.Push(held: _slept);
            }
        }
#pragma warning disable CA1031 // The state of the shell is unknown, as after a failed commit; what is stored is not.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ClusterLog.Broken(services.Logger, _name.Value, exception);
            Leave(exception);
        }
    }

    /// <summary>
    /// Strikes a topic out of the catalogue that is empty and that nobody uses. Its log stays, so that its numbers and its
    /// producers are known when it is used again.
    /// </summary>
    private void Rest(TopicShell shell)
    {
        if (_known && shell.TryRest(out _))
        {
            _known = false;
            _striking = StrikeOutAsync();
        }
    }

    private async Task StrikeOutAsync()
    {
        try
        {
            await GrainFactory.GetGrain<ITopicCatalogGrain>(0).RemoveAsync(_name.Value);
        }
#pragma warning disable CA1031 // It stays in the catalogue, empty, until it is used again or the next activation is.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ClusterLog.NotFinished(services.Logger, _name.Value, "striking it out of the catalogue", exception.Message);
        }
    }

    /// <summary>This activation must not go on; the next one recovers from storage.</summary>
    private void Leave(Exception cause)
    {
        if (_leaving)
        {
            return;
        }

        ClusterLog.Failed(services.Logger, _name.Value, cause.Message);
        _leaving = true;
        _journal?.Stop();
        EndLinks();
        DeactivateOnIdle();
    }

    /// <summary>
    /// A silo that stood still may have been declared dead meanwhile, and another have acknowledged what waits here for
    /// delivery. So nothing is delivered until the head of the log says that it is still this activation's.
    /// </summary>
    private void LookIfItSlept()
    {
        if (_ticks is not null && _tickedAt.Elapsed(services.Time) is var missing && missing > AsleepAfter)
        {
            ClusterLog.Slept(services.Logger, _name.Value, missing);
            SleptCounter.Add(1);
            _tickedAt = Moment.Now(services.Time);
            _standstills++;
            Doubt();
        }
    }

    private void Doubt()
    {
        if (!_slept)
        {
            _slept = true;
            _ = AssertAwakeAsync();
        }
    }

    /// <summary>
    /// Asks the head of the log whose it is, until it says so. What it says counts only if nothing stood still between the question and the
    /// answer: it may have been taken over right behind its reading. Whatever goes wrong otherwise ends the activation, for one that stays in
    /// doubt delivers nothing.
    /// </summary>
    private async Task AssertAwakeAsync()
    {
        try
        {
            while (!_leaving)
            {
                var standstills = _standstills;
                try
                {
                    await _journal!.AssertOwnerAsync();
                    LookIfItSlept();
                    if (standstills == _standstills)
                    {
                        _slept = false;
                        FlushSoon();
                        return;
                    }

                    // A machine that has no time at all has none for one question after the other.
                    await Task.Delay(RetryAfter, services.Time);
                }
                catch (JournalException exception)
                {
                    ClusterLog.NotAwake(services.Logger, _name.Value, exception.Message);
                    await Task.Delay(RetryAfter, services.Time);
                }
            }
        }
#pragma warning disable CA1031 // Another has it, or nobody can tell: the next activation recovers from what is stored.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Leave(exception);
        }
    }

    // Not a timer of the grain's: those stop when it is asked to leave, and whoever waits for deliveries has to be told.
    private void StartTicks()
    {
        if (_ticks is not null)
        {
            return;
        }

        _ticks = services.Time.CreateTimer(
            static state => ((TopicGrain)state!).Post(((TopicGrain)state!).Tick), this, TickEvery, TickEvery);
        if (_tickedAt.Elapsed(services.Time) > AsleepAfter)
        {
            // Nobody has looked since there was no gateway.
            Doubt();
        }

        _tickedAt = Moment.Now(services.Time);
    }

    private void Tick()
    {
        _tickedAt = Moment.Now(services.Time);
        foreach (var link in _links.Values.ToList())
        {
            link.Tick();
            if (link.HasLeaseEnded)
            {
                ClusterLog.LeaseEnded(services.Logger, link.Gateway, Options.GatewayLease, link.Sessions.Count, _name.Value);
                Drop(link);
            }
        }

        if (_absentAt != 0 && services.Time.GetElapsedTime(_absentAt) > Options.GatewayLease)
        {
            _absentAt = 0;
            _shell!.EndAbsent();
        }

        if (_links.Count == 0 && _absentAt == 0 && !_slept)
        {
            _ticks?.Dispose();
            _ticks = null;
        }
    }

    private void SetWake()
    {
        if (_shell?.NextWakeMs is not { } due || (_wakeSetTo is { } set && set <= due) || _leaving)
        {
            return;
        }

        _wakeSetTo = due;
        _wake ??= services.Time.CreateTimer(
            static state => ((TopicGrain)state!).Woken(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var wait = Math.Clamp(due - services.Time.GetUtcNow().ToUnixTimeMilliseconds(), 0, int.MaxValue);
        _wake.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }

    private void Woken() => Post(() =>
    {
        _wakeSetTo = null;
        _shell?.Wake();
    });
}
