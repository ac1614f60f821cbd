using Microsoft.Extensions.Logging;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// Publishes every change of stored tweets and users once, in order. Changes are numbered as they come; what is published is
/// followed by a write of the position behind it and the next number, so that after a crash the same changes come again with the
/// same numbers, and topics recognise them. Where the position is lost, what is stored is compared: that is not the same each
/// time, so it goes by a new name, and some of it may be published once more. One thread at a time.
/// </summary>
internal sealed class ChangeFeed(
    IChangeSource source,
    ChangePublisher publisher,
    IChangeFeedStore store,
    ChangeFeedOptions options,
    ChangeFeedStatus status,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Where the store cannot follow changes: how far each comparison goes back behind the last.</summary>
    private static readonly TimeSpan PollOverlap = TimeSpan.FromSeconds(10);

    private const int MostPolled = 100_000;

    private readonly BackOff _backOff = new(options.Pause.First, options.Pause.Longest);
    private readonly Dictionary<(bool IsTweet, long Id), long> _polled = [];
    private ChangeFeedState _state = null!;
    private ChangeFeedState? _saved;
    private long _savedAt;
    private bool _isPolling;
    private bool _wasWhole;

    /// <summary>How far it has come.</summary>
    public ChangeFeedState? State => _saved;

    private long OverlapStart => Math.Max(0, _state.Since - (long)options.Overlap.TotalMilliseconds);

    /// <summary>Publishes until cancelled.</summary>
    /// <exception cref="FencedException">Another feed has taken over.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await FollowAsync(cancellationToken);
            }
            catch (ChangesLostException lost)
            {
                _ = await TryAsync(() => StartOverAsync(lost.Message, cancellationToken), cancellationToken);
            }
            catch (ChangesUnsupportedException unsupported)
            {
                if (!_isPolling)
                {
                    ChangeFeedLog.Unsupported(logger, unsupported.Message, options.PollEvery);
                }

                _isPolling = true;
            }
            catch (StoreUnavailableException error)
            {
                await EndureAsync(error.Message, cancellationToken);
            }
        }
    }

    /// <summary>Writes how far it has come, at the end.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        if (_saved is not null && _state != _saved)
        {
            await store.SaveAsync(_state, cancellationToken);
            _saved = _state;
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        if (_saved is null)
        {
            await LoadAsync(cancellationToken);
        }

        if (_isPolling)
        {
            await PollAsync(cancellationToken);
            return;
        }

        if (_state.Position.Length == 0)
        {
            // An earlier feed had no changes to follow, and compared; by now there may be some.
            await BeginAsync(_state.Scan == ScanOf.Nothing ? OverlapStart : _state.ScanStart, _state.Since, cancellationToken);
        }

        if (_state.Scan != ScanOf.Nothing)
        {
            await CompareAsync(cancellationToken);
        }

        await using var reader = await source.OpenAsync(_state.Position, cancellationToken);
        while (true)
        {
            var batch = await reader.ReadAsync(cancellationToken);
            if (batch.Changes.Count > 0)
            {
                await publisher.PublishAsync(_state.Producer, _state.Next, batch.Changes, cancellationToken);
            }

            _state = _state with
            {
                Position = batch.Position,
                Next = _state.Next + batch.Changes.Count,
                Since = batch.Changes.Count > 0 ? Math.Max(_state.Since, batch.Changes[^1].At) : _state.Since,
            };
            Recovered();
            await SaveSoonAsync(cancellationToken);
        }
    }

    /// <summary>Goes on where an earlier feed stopped, or begins with all that is stored.</summary>
    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (await store.LoadAsync(cancellationToken) is { } state)
        {
            (_state, _saved) = (state, state);
        }
        else
        {
            await BeginAsync(start: 0, since: 0, cancellationToken);
        }

        ChangeFeedLog.Started(logger, _state.Producer, _state.Next);
    }

    private async Task StartOverAsync(string why, CancellationToken cancellationToken)
    {
        status.CountComparison();
        ChangeFeedLog.Lost(logger, why, DateTimeOffset.FromUnixTimeMilliseconds(OverlapStart));
        await BeginAsync(OverlapStart, _state.Since, cancellationToken);
    }

    /// <summary>Compares what was stored since a time, and follows changes from now on: the position is taken before.</summary>
    private async Task BeginAsync(long start, long since, CancellationToken cancellationToken)
    {
        var position = _isPolling ? "" : await source.GetPositionAsync(cancellationToken);
        _state = ChangeFeedState.Compare(position, start, since);
        await SaveNowAsync(cancellationToken);
    }

    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        if (!_isPolling || !_wasWhole)
        {
            // A comparison that is taken up again does not find the same in the same order. Behind one that came to its end the next may go on
            // counting: topics remember producers for long.
            _state = _state with { Producer = ChangeFeedState.NewProducer(), Next = 1 };
            await SaveNowAsync(cancellationToken);
        }

        _wasWhole = false;
        while (_state.Scan != ScanOf.Nothing)
        {
            var ofTweets = _state.Scan == ScanOf.Tweets;
            var (from, after) = _state.ScanAt;
            var page = await source.ScanAsync(ofTweets, from, after, options.ScanSize, cancellationToken);
            var changes = _isPolling ? page.Where(IsNews).ToList() : page;
            if (changes.Count > 0)
            {
                await publisher.PublishAsync(_state.Producer, _state.Next, changes, cancellationToken);
            }

            if (_isPolling)
            {
                // Only now: what could not be published has to be news again.
                Remember(changes);
            }

            _state = _state with
            {
                Next = _state.Next + changes.Count,
                Since = page.Count > 0 ? Math.Max(_state.Since, page[^1].At) : _state.Since,
                ScanAt = page.Count > 0 ? (page[^1].At, page[^1].Id) : _state.ScanAt,
            };
            if (_polled.Count > MostPolled)
            {
                ForgetPolled(_state.Since - (long)PollOverlap.TotalMilliseconds);
            }

            if (page.Count < options.ScanSize)
            {
                _state = ofTweets
                    ? _state with { Scan = ScanOf.Users, ScanAt = (_state.ScanStart, 0) }
                    : _state with { Scan = ScanOf.Nothing };
            }

            Recovered();
            await SaveSoonAsync(cancellationToken);
        }

        await SaveNowAsync(cancellationToken);
        _wasWhole = true;
        if (!_isPolling)
        {
            ChangeFeedLog.Compared(logger, _state.Next - 1);
        }
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        if (_state.Scan == ScanOf.Nothing)
        {
            await Task.Delay(options.PollEvery, time, cancellationToken);
            var start = Math.Max(0, _state.Since - (long)PollOverlap.TotalMilliseconds);
            ForgetPolled(start);
            _state = ChangeFeedState.Compare("", start, _state.Since) with { Producer = _state.Producer, Next = _state.Next };
        }

        await CompareAsync(cancellationToken);
    }

    private void ForgetPolled(long before)
    {
        foreach (var (key, at) in _polled)
        {
            if (at < before)
            {
                _polled.Remove(key);
            }
        }
    }

    private bool IsNews(Change change) => !_polled.TryGetValue((change.IsTweet, change.Id), out var at) || at != change.At;

    private void Remember(IEnumerable<Change> changes)
    {
        foreach (var change in changes)
        {
            _polled[(change.IsTweet, change.Id)] = change.At;
        }
    }

    private Task SaveSoonAsync(CancellationToken cancellationToken)
    {
        var every = _state.Next == _saved!.Next && _state.Scan == _saved.Scan ? options.SaveIdleEvery : options.SaveEvery;
        return _state != _saved && time.GetElapsedTime(_savedAt) >= every ? SaveNowAsync(cancellationToken) : Task.CompletedTask;
    }

    private async Task SaveNowAsync(CancellationToken cancellationToken)
    {
        await store.SaveAsync(_state, cancellationToken);
        (_saved, _savedAt) = (_state, time.GetTimestamp());
    }

    private async Task<bool> TryAsync(Func<Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step();
            return true;
        }
        catch (StoreUnavailableException error)
        {
            await EndureAsync(error.Message, cancellationToken);
            return false;
        }
    }

    private void Recovered()
    {
        _backOff.Reset();
        if (status.Trouble is not null)
        {
            status.Trouble = null;
            ChangeFeedLog.Recovered(logger);
        }
    }

    private Task EndureAsync(string why, CancellationToken cancellationToken)
    {
        status.CountRetry();
        if (status.Trouble is null)
        {
            ChangeFeedLog.Trouble(logger, why);
        }

        status.Trouble = why;
        return Task.Delay(_backOff.Next(), time, cancellationToken);
    }
}
