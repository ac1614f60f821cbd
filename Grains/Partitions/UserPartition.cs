using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// A part of the users. It gathers for an interval what the tweets' partitions tell it, each batch counted once, and notes the new totals
/// together with what it has counted. From then on that is durable: the totals are absolute, and whoever takes over writes them again.
/// <see cref="AddAsync"/> is for any number of threads, <see cref="RunAsync"/> runs once.
/// </summary>
internal sealed class UserPartition
{
    private const int MostChanges = 20_000;
    private static readonly AddReply Moves = new(AddStatus.Unavailable, "the partition moves to another silo");

    private readonly Lock _gate = new();
    private readonly Channel<(int Partition, Submission<List<UserDelta>> Changes)> _inbox =
        Channel.CreateUnbounded<(int, Submission<List<UserDelta>>)>();

    private readonly Dictionary<int, Submission<List<UserDelta>>> _last = [];
    private readonly string _name;
    private readonly PipelineOptions _options;
    private readonly IUserCollection _users;
    private readonly IStateRecord _record;
    private readonly StatisticsWindow _statistics;
    private readonly StoreAttempts _attempts;
    private readonly Remembered<UserEngagement> _totals;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Guid _self = Guid.NewGuid();
    private volatile bool _ended;

    public UserPartition(
        int number,
        IUserCollection users,
        IStateRecord record,
        PipelineOptions options,
        PauseSwitch pause,
        StatisticsWindow statistics,
        TimeProvider time,
        ILogger logger)
    {
        (_users, _record, _options, _statistics, _time, _logger) = (users, record, options, statistics, time, logger);
        _name = $"user partition {number}";
        _attempts = new StoreAttempts(_name, options, pause, time, logger);
        _totals = new Remembered<UserEngagement>(options.Remembered);
    }

    /// <summary>Whether it has ended: another activation may take over.</summary>
    public bool HasEnded => _ended;

    /// <summary>Hands it changes, or asks about those handed before.</summary>
    public async Task<AddReply> AddAsync(AddDeltas request)
    {
        Submission<List<UserDelta>>? submission;
        lock (_gate)
        {
            if (_last.TryGetValue(request.Partition, out submission) && submission.Number == request.Batch)
            {
                PipelineMetrics.Repeats.Add(1);
            }
            else
            {
                if (Read(request) is not { } changes)
                {
                    return new AddReply(AddStatus.Refused, "the changes cannot be read");
                }

                submission = new Submission<List<UserDelta>>(request.Batch, changes, request.Deltas.Length);
                if (!_inbox.Writer.TryWrite((request.Partition, submission)))
                {
                    return Moves;
                }

                _last[request.Partition] = submission;
            }
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
            var state = await RecoverAsync(cancellationToken);
            while (await _inbox.Reader.WaitToReadAsync(cancellationToken))
            {
                await Task.Delay(_options.UserInterval, _time, cancellationToken);
                state = await CommitAsync(state, cancellationToken);
            }

            await _record.WriteAsync((state with { Open = false, Totals = [], Authors = [] }).Write());
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

            while (_inbox.Reader.TryRead(out var left))
            {
                left.Changes.Complete(Moves);
            }
        }
    }

    private static List<UserDelta>? Read(AddDeltas request)
    {
        try
        {
            return UserDelta.Read(request.Deltas);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Takes the record over, and writes the totals that it tells of again.</summary>
    private async Task<UserIntent> RecoverAsync(CancellationToken cancellationToken)
    {
        var stored = await _attempts.UntilDoneAsync("read the intent", _ => _record.ReadAsync(), cancellationToken);
        var state = (stored is null ? UserIntent.None : UserIntent.Read(stored)) with { Writer = _self };
        await NoteAsync(state, cancellationToken);
        if (state.Open)
        {
            // What a predecessor still writes has this version at most, and says the same.
            PipelineMetrics.Recovered.Add(1);
            await WriteAsync(state, cancellationToken);
        }

        return state;
    }

    private async Task<UserIntent> CommitAsync(UserIntent state, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<int, long>(state.Applied);
        var taken = new List<Submission<List<UserDelta>>>();
        var changes = new Dictionary<long, UserDelta>();
        while (changes.Count < MostChanges && _inbox.Reader.TryRead(out var next))
        {
            taken.Add(next.Changes);
            if (next.Changes.Number <= applied.GetValueOrDefault(next.Partition))
            {
                PipelineMetrics.Repeats.Add(1);
                continue;
            }

            applied[next.Partition] = next.Changes.Number;
            foreach (var change in next.Changes.Work)
            {
                var before = changes.GetValueOrDefault(change.User);
                changes[change.User] = new UserDelta(change.User, before.Change.Merge(change.Change), change.Author ?? before.Author);
            }
        }

        if (changes.Count > 0)
        {
            var totals = await TotalsAsync(changes, cancellationToken);
            var authors = changes.Values.Where(change => change.Author is not null).Select(change => change.Author!).ToList();
            state = new UserIntent(_self, state.Version + 1, true, applied, totals, authors);
            await NoteAsync(state, cancellationToken);
        }

        foreach (var one in taken)
        {
            one.Complete(AddReply.Done);

            // Its number is remembered; what was in it need not be.
            one.Work.Clear();
        }

        if (changes.Count > 0)
        {
            await WriteAsync(state, cancellationToken);
        }

        return state;
    }

    private async Task<List<KeyValuePair<long, UserEngagement>>> TotalsAsync(Dictionary<long, UserDelta> changes, CancellationToken cancellationToken)
    {
        var changed = changes.Values.Where(change => change.Change != default).ToList();
        var unknown = changed.Where(change => !_totals.TryGet(change.User, out _)).Select(change => change.User).ToList();
        var found = unknown.Count == 0
            ? new Dictionary<long, UserEngagement>()
            : await _attempts.UntilDoneAsync("find totals", token => _users.FindTotalsAsync(unknown, token), cancellationToken);
        return changed.ConvertAll(change =>
        {
            var before = _totals.TryGet(change.User, out var total) ? total : found.GetValueOrDefault(change.User);
            return new KeyValuePair<long, UserEngagement>(change.User, before.Merge(change.Change));
        });
    }

    private Task NoteAsync(UserIntent intent, CancellationToken cancellationToken)
    {
        var bytes = intent.Write();
        return _attempts.UntilDoneAsync("note totals", _ => _record.WriteAsync(bytes), cancellationToken);
    }

    private async Task WriteAsync(UserIntent intent, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        try
        {
            await _attempts.UntilDoneAsync(
                "write users", token => _users.WriteAsync(intent.Version, intent.Authors, intent.Totals, token), cancellationToken);
        }
        catch (StoreRejectedException exception)
        {
            PipelineLog.StoreRejected(_logger, _name, $"{intent.Totals.Count} users", exception.Message);
            return;
        }

        foreach (var (user, total) in intent.Totals)
        {
            _totals.Put(user, total);
        }

        var count = Math.Max(intent.Authors.Count, intent.Totals.Count);
        _statistics.UsersStored(count, _time.GetElapsedTime(began));
        PipelineMetrics.Users.Add(count);
    }
}
