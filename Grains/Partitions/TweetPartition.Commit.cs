using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <content>One batch after the other, and what is left of the last one of a predecessor.</content>
internal sealed partial class TweetPartition
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(200);

    private Moment _notedAt;

    /// <summary>An attempt begins no later than this after it was seen that nobody else has taken over; else that is looked at again.</summary>
    private TimeSpan Fresh => Options.StoreTimeout / 4;

    /// <summary>Takes the record over, and brings the batch that it tells of to its end.</summary>
    /// <returns>The number of that batch.</returns>
    private async Task<long> RecoverAsync(CancellationToken cancellationToken)
    {
        var stored = await Attempts.UntilDoneAsync("read the intent", _ => Record.ReadAsync(), cancellationToken);
        var intent = (stored is null ? TweetIntent.None : TweetIntent.Read(stored)) with { Writer = Self };
        await NoteAsync(intent, cancellationToken);
        if (!intent.Open)
        {
            return intent.Batch;
        }

        // From here on no predecessor begins an attempt any more; one that had begun is over by then.
        PipelineMetrics.Recovered.Add(1);
        await Task.Delay(Options.StoreTimeout + Fresh, Time, cancellationToken);
        var ids = intent.Entries.Select(entry => entry.Tweet).ToList();
        var written = await Attempts.UntilDoneAsync(
            "find what was written", token => _tweets.FindWrittenAsync(_number, intent.Batch, ids, token), cancellationToken);
        PipelineLog.Recovered(Logger, Name, intent.Batch, written.Count, ids.Count);
        await TellUsersAsync(intent, written.Contains, cancellationToken);
        return intent.Batch;
    }

    private async Task CommitAsync(long batch, List<ScoredTweet> tweets, CancellationToken cancellationToken)
    {
        var counted = await CountedAsync(tweets, cancellationToken);
        var intent = TweetIntent.Of(Self, batch, tweets, counted);
        await NoteAsync(intent, cancellationToken);
        var rejected = await WriteAsync(intent, tweets, cancellationToken);
        await TellUsersAsync(intent, tweet => !rejected.Contains(tweet), cancellationToken);
        foreach (var entry in intent.Entries)
        {
            if (!rejected.Contains(entry.Tweet))
            {
                _counted.Put(entry.Tweet, entry.Score ?? entry.Previous);
            }
        }

        PipelineMetrics.Batches.Add(1);
    }

    private async Task NoteAsync(TweetIntent intent, CancellationToken cancellationToken)
    {
        var bytes = intent.Write();
        await Attempts.UntilDoneAsync("note a batch", _ => WriteRecordAsync(bytes), cancellationToken);
    }

    private async Task WriteRecordAsync(byte[] bytes)
    {
        var began = Moment.Now(Time);
        await Record.WriteAsync(bytes);
        _notedAt = began;
    }

    /// <summary>The engagement that tweets are counted with so far: remembered, or asked for.</summary>
    private async Task<Dictionary<long, double?>> CountedAsync(List<ScoredTweet> tweets, CancellationToken cancellationToken)
    {
        var counted = new Dictionary<long, double?>();
        var unknown = new List<long>();
        foreach (var tweet in tweets)
        {
            if (_counted.TryGet(tweet.Id, out var score))
            {
                counted[tweet.Id] = score;
            }
            else
            {
                unknown.Add(tweet.Id);
            }
        }

        if (unknown.Count > 0)
        {
            var found = await Attempts.UntilDoneAsync("find tweets", token => _tweets.FindEngagementAsync(unknown, token), cancellationToken);
            foreach (var (tweet, score) in found)
            {
                counted[tweet] = score;
            }
        }

        return counted;
    }

    /// <summary>Writes the tweets of a batch, in as many pieces as it takes.</summary>
    /// <returns>Those that cannot be written at all.</returns>
    private async Task<HashSet<long>> WriteAsync(TweetIntent intent, List<ScoredTweet> tweets, CancellationToken cancellationToken)
    {
        var rejected = new HashSet<long>();
        var most = int.MaxValue;
        for (var at = 0; at < tweets.Count;)
        {
            var size = 0;
            try
            {
                await Attempts.UntilDoneAsync(
                    "write tweets",
                    async token =>
                    {
                        if (_notedAt.Elapsed(Time) > Fresh)
                        {
                            // An attempt may begin only while nobody else has taken over.
                            await WriteRecordAsync(intent.Write());
                        }

                        size = Math.Min(tweets.Count - at, Math.Min(most, _limits.Next.Count));
                        var began = Time.GetTimestamp();
                        var receipt = await _tweets.WriteAsync(_number, intent.Batch, tweets.GetRange(at, size), token);
                        Written(receipt, size, Time.GetElapsedTime(began));
                        return true;
                    },
                    cancellationToken,
                    _limits.ObserveFailure);
                at += size;
                most = Math.Min(most, int.MaxValue / 2) * 2;
            }
            catch (StoreRejectedException exception) when (size == 1)
            {
                rejected.Add(tweets[at].Id);
                PipelineMetrics.Rejected.Add(1);
                PipelineLog.StoreRejected(Logger, Name, $"tweet {tweets[at].Id}", exception.Message);
                at++;
            }
            catch (StoreRejectedException)
            {
                // Halved until the one is found that it is about.
                most = size / 2;
            }
        }

        return rejected;
    }

    private void Written(StoreReceipt receipt, int size, TimeSpan elapsed)
    {
        _limits.Observe(size, elapsed);
        _statistics.TweetsStored(receipt.Inserted + receipt.Updated, elapsed);
        PipelineMetrics.Stored.Add(receipt.Inserted + receipt.Updated);
    }

    /// <summary>Tells the users' partitions by how much totals change, until each of them has it.</summary>
    private Task TellUsersAsync(TweetIntent intent, Func<long, bool> written, CancellationToken cancellationToken) => Task.WhenAll(
        intent.ChangesOf(Options.UserPartitions, written).Select(
            one => TellAsync(one.Key, new AddDeltas(_number, intent.Batch, UserDelta.Write(one.Value.Values)), cancellationToken)));

    private async Task TellAsync(int partition, AddDeltas request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reply = await Attempts.UntilDoneAsync("reach the users' partitions", _ => _users.AddAsync(partition, request), cancellationToken);
            switch (reply.Status)
            {
                case AddStatus.Done:
                    return;
                case AddStatus.Refused:
                    throw new InvalidDataException($"user partition {partition} cannot read what {Name} tells it: {reply.Detail}");
                case AddStatus.Unavailable:
                    await Task.Delay(AskAgain, Time, cancellationToken);
                    break;
                default:
                    break;
            }
        }
    }
}
