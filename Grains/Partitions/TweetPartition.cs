using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// A part of the tweets. What readers hand it becomes batches, written one at a time: an intent is noted, the tweets are written, the users'
/// partitions are told. Only then comes the next intent; so whoever takes over after a kill finds at most one
/// batch unfinished, asks the store which of its tweets are there, and tells the users' partitions about exactly those, again with the same
/// number. <see cref="AddAsync"/> is for any number of threads, <see cref="RunAsync"/> runs once.
/// </summary>
internal sealed partial class TweetPartition
{
    private static readonly AddReply Moves = new(AddStatus.Unavailable, "the partition moves to another silo");
    private static readonly TimeSpan Forget = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Channel<Submission<List<ScoredTweet>>> _inbox = Channel.CreateUnbounded<Submission<List<ScoredTweet>>>();
    private readonly Dictionary<Guid, Submission<List<ScoredTweet>>> _last = [];
    private readonly int _number;
    private readonly string _name;
    private readonly PipelineOptions _options;
    private readonly ITweetCollection _tweets;
    private readonly IStateRecord _record;
    private readonly IUserPartitions _users;
    private readonly StatisticsWindow _statistics;
    private readonly StoreAttempts _attempts;
    private readonly AdaptiveBatch _limits;
    private readonly Remembered<double?> _counted;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Guid _self = Guid.NewGuid();
    private volatile bool _ended;

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
    {
        (_number, _tweets, _record, _users, _options, _statistics, _time, _logger) = (number, tweets, record, users, options, statistics, time, logger);
        _name = $"tweet partition {number}";
        _attempts = new StoreAttempts(_name, options, pause, time, logger);
        _limits = new AdaptiveBatch(options.Batch);
        _counted = new Remembered<double?>(options.Remembered);
    }

    /// <summary>Whether it has ended: another activation may take over.</summary>
    public bool HasEnded => _ended;

    /// <summary>Hands it tweets, or asks about those handed before.</summary>
    public async Task<AddReply> AddAsync(AddTweets request)
    {
        Submission<List<ScoredTweet>>? submission;
        lock (_gate)
        {
            if (_last.TryGetValue(request.Reader, out submission) && request.Number < submission.Number)
            {
                // The reader has gone on, so it knows already; a late repeat.
                return AddReply.Done;
            }

            if (submission is null || request.Number > submission.Number)
            {
                if (Read(request) is not { } tweets)
                {
                    return new AddReply(AddStatus.Refused, "the tweets cannot be read");
                }

                submission = new Submission<List<ScoredTweet>>(request.Number, tweets, request.Tweets.Length);
                if (!_inbox.Writer.TryWrite(submission))
                {
                    return Moves;
                }

                ForgetSilent();
                _last[request.Reader] = submission;
            }
            else
            {
                PipelineMetrics.Repeats.Add(1);
            }

            submission.HeardAt = _time.GetTimestamp();
        }

        return await submission.AnswerAsync(_options.AnswerWithin, _time, () => _attempts.Trouble);
    }

    /// <summary>Takes no more; <see cref="RunAsync"/> ends when what was taken is written.</summary>
    public void Close() => _inbox.Writer.TryComplete();

    /// <summary>Works until closed, fenced or cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var batch = await RecoverAsync(cancellationToken);
            var taken = new List<Submission<List<ScoredTweet>>>();
            while (await FillAsync(taken, cancellationToken))
            {
                await CommitAsync(++batch, Distinct(taken), cancellationToken);
                foreach (var one in taken)
                {
                    one.Complete(AddReply.Done);

                    // Its number is remembered for as long as its reader lives; what was in it need not be.
                    one.Work.Clear();
                }

                taken.Clear();
            }

            // Whoever comes next need not ask what was written.
            await _record.WriteAsync((TweetIntent.None with { Writer = _self, Batch = batch }).Write());
        }
        catch (Exception exception) when (exception is FencedException or StoreUnavailableException or OperationCanceledException)
        {
            PipelineLog.PartitionEnded(_logger, _name, exception.Message);
        }
#pragma warning disable CA1031 // Nothing in memory is trusted any more; what is stored is.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            PipelineLog.PartitionBroken(_logger, _name, exception);
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        Close();
        lock (_gate)
        {
            _ended = true;
            foreach (var submission in _last.Values)
            {
                submission.Complete(Moves);
            }
        }
    }

    private static List<ScoredTweet>? Read(AddTweets request)
    {
        try
        {
            return TweetCodec.Read(request.Tweets);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private void ForgetSilent()
    {
        // Each reader hands over one request at a time, so there are no more than readers; those that ended are forgotten.
        if (_last.Count >= 64)
        {
            foreach (var (reader, _) in _last.Where(one => _time.GetElapsedTime(one.Value.HeardAt) > Forget).ToList())
            {
                _last.Remove(reader);
            }
        }
    }

    private async ValueTask<bool> FillAsync(List<Submission<List<ScoredTweet>>> taken, CancellationToken cancellationToken)
    {
        if (!await _inbox.Reader.WaitToReadAsync(cancellationToken))
        {
            return false;
        }

        var (limits, count, bytes) = (_limits.Next, 0, 0L);
        using var age = new CancellationTokenSource(limits.Age, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(age.Token, cancellationToken);
        try
        {
            do
            {
                while (count < limits.Count && bytes < limits.Bytes && _inbox.Reader.TryRead(out var submission))
                {
                    taken.Add(submission);
                    (count, bytes) = (count + submission.Work.Count, bytes + submission.Bytes);
                }
            }
            while (count < limits.Count && bytes < limits.Bytes && await _inbox.Reader.WaitToReadAsync(either.Token));
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
