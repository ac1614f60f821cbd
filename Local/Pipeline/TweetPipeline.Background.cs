using Rookery.Tweets;

namespace Rookery.Local;

/// <content>What happens beside the way of a tweet: time limits, rankings, the lexicon, figures.</content>
public sealed partial class TweetPipeline
{
    private static readonly TimeSpan JoinLook = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RankEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long reading waits for the first lexicon: a server that is well has long answered.</summary>
    private static readonly TimeSpan LexiconPatience = TimeSpan.FromMilliseconds(500);

    private async Task WatchJoinAsync()
    {
        while (!_abort.IsCancellationRequested)
        {
            await Task.Delay(JoinLook, _time, _abort.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Expire(Now);
            if (_join.Counters.Waiting > 0)
            {
                continue;
            }

            // Nothing is timed until something comes: it may have come meanwhile.
            var arrived = _arrived.Next;
            Volatile.Write(ref _joinRests, true);
            Interlocked.MemoryBarrier();
            if (_join.Counters.Waiting == 0)
            {
                await arrived.WaitAsync(_abort.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            Volatile.Write(ref _joinRests, false);
        }
    }

    private async Task RankAsync()
    {
        using var timer = new PeriodicTimer(RankEvery, _time);
        while (await TickAsync(timer).ConfigureAwait(false))
        {
            lock (_hashtagGate)
            {
                Volatile.Write(ref _top, _hashtags.Top(Now));
            }
        }
    }

    /// <summary>Gives memory back that was kept for the next rush: for a host that sees that nothing moves.</summary>
    internal void Trim() => _blocks.Trim();

    private async ValueTask<bool> TickAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_abort.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Expire(long now)
    {
        var expired = new List<TweetBlock>();
        _join.Expire(now, expired);
        foreach (var block in expired)
        {
            Complete(block);
        }
    }

    private Task RefreshLexiconAsync()
    {
        return Interlocked.Exchange(ref _refreshing, 1) == 0 ? RefreshAsync() : Task.CompletedTask;

        async Task RefreshAsync()
        {
            try
            {
                if (await _lexicon.FetchAsync(_stopReading.Token).ConfigureAwait(false) is { } lexicon)
                {
                    _pools.Use(lexicon);
                }
            }
            catch (OperationCanceledException)
            {
                // The pipeline stops.
            }
            finally
            {
                Volatile.Write(ref _refreshing, 0);
            }
        }
    }

    private PipelineStatus TakeStatus()
    {
        var streams = _streams.ConvertAll(s => s.Status);
        var records = streams.Sum(s => s.Read.Tweets + s.Read.Retweeted + s.Read.Quoted);
        var join = _join.Counters;
        var store = _store?.Status;
        var lost = Volatile.Read(ref _lost);
        var through = _store is null ? Volatile.Read(ref _collected) : _store.Done;
        return new PipelineStatus
        {
            In = streams.Sum(s => s.Read.Tweets),
            Records = records,
            Kills = streams.Sum(s => s.Read.Kills),
            Bytes = streams.Sum(s => s.Read.Bytes),
            Rejected = Rejections(streams),
            Scored = join.Completed + join.Expired,
            Incomplete = join.Incomplete,
            Waiting = Math.Max(0, records - through - lost),
            BytesInFlight = _blocks.BytesInUse,
            Lost = lost,
            Pools = _pools.Status,
            Crashes = _pools.Crashes,
            Streams = streams,
            Reconnects = streams.Sum(s => s.Reconnects),
            Store = store,
            TopHashtags = TopHashtags,
            Viewers = _viewers.Count,
        };
    }

    private Dictionary<string, long> Rejections(List<TweetStreamStatus> streams)
    {
        var counts = new Dictionary<string, long>();
        foreach (var reason in Enum.GetValues<RejectReason>())
        {
            Note(reason.ToString(), _readers.Sum(r => r.RejectedFor(reason)));
        }

        Note("TooLong", streams.Sum(s => s.Read.TooLong));
        Note("Unfinished", streams.Sum(s => s.Read.Unfinished));
        Note("InnerRejected", streams.Sum(s => s.Read.InnerRejected));
        return counts;

        void Note(string reason, long count)
        {
            if (count > 0)
            {
                counts[reason] = count;
            }
        }
    }
}
