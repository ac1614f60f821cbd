using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// A part of the tweets. What readers hand it becomes batches, written one at a time: an intent is noted, the tweets are written, the users'
/// partitions are told. Only then comes the next intent; so whoever takes over after a kill finds at most one
/// batch unfinished, asks the store which of its tweets are there, and tells the users' partitions about exactly those, again with the same
/// number.
/// </summary>
internal sealed partial class TweetPartition : PartitionWork<Guid, ScoredTweet>
{
    private readonly int _number;
    private readonly ITweetCollection _tweets;
    private readonly IUserPartitions _users;
    private readonly StatisticsWindow _statistics;
    private readonly AdaptiveBatch _limits;
    private readonly Remembered<double?> _counted;

    public TweetPartition(
        int number,
        ITweetCollection tweets,
        IStateRecord record,
        IUserPartitions users,
        PipelineOptions options,
        PauseSwitch pause,
        StatisticsWindow statistics,
        TimeProvider time,
        ILogger logger)
        : base($"tweet partition {number}", record, options, pause, time, logger)
    {
        (_number, _tweets, _users, _statistics) = (number, tweets, users, statistics);
        _limits = new AdaptiveBatch(options.Batch);
        _counted = new Remembered<double?>(options.Remembered);
    }

    /// <summary>Hands it tweets, or asks about those handed before.</summary>
    public Task<AddReply> AddAsync(AddTweets request) => TakeAsync(request.Reader, request.Number, request.Tweets, TweetCodec.Read);

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        var batch = await RecoverAsync(cancellationToken);
        var taken = new List<Submission<List<ScoredTweet>>>();
        while (await FillAsync(taken, cancellationToken))
        {
            await CommitAsync(++batch, Distinct(taken), cancellationToken);
            Complete(taken);
        }

        // Whoever comes next need not ask what was written.
        await Record.WriteAsync((TweetIntent.None with { Writer = Self, Batch = batch }).Write());
    }

    private async ValueTask<bool> FillAsync(List<Submission<List<ScoredTweet>>> taken, CancellationToken cancellationToken)
    {
        if (!await Inbox.WaitToReadAsync(cancellationToken))
        {
            return false;
        }

        var (limits, count, bytes) = (_limits.Next, 0, 0L);
        using var age = new CancellationTokenSource(limits.Age, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(age.Token, cancellationToken);
        try
        {
            do
            {
                while (count < limits.Count && bytes < limits.Bytes && Inbox.TryRead(out var next))
                {
                    taken.Add(next.Work);
                    (count, bytes) = (count + next.Work.Work.Count, bytes + next.Work.Bytes);
                }
            }
            while (count < limits.Count && bytes < limits.Bytes && await Inbox.WaitToReadAsync(either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Old enough: it goes as it is.
        }

        return true;
    }

    /// <summary>The latest of each tweet, in the order in which they first came.</summary>
    private static List<ScoredTweet> Distinct(List<Submission<List<ScoredTweet>>> taken)
    {
        var places = new Dictionary<long, int>();
        var tweets = new List<ScoredTweet>();
        foreach (var tweet in taken.SelectMany(one => one.Work))
        {
            if (places.TryAdd(tweet.Id, tweets.Count))
            {
                tweets.Add(tweet);
            }
            else
            {
                tweets[places[tweet.Id]] = tweet.CompletedBy(tweets[places[tweet.Id]]);
            }
        }

        return tweets;
    }
}

/// <summary>The users' partitions, as a tweet partition sees them.</summary>
internal interface IUserPartitions
{
    /// <summary>Tells one of them by how much totals change.</summary>
    Task<AddReply> AddAsync(int partition, AddDeltas request);
}
