using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// A part of the users. It gathers for an interval what the tweets' partitions tell it, each batch counted once, and notes the new totals
/// together with what it has counted. From then on that is durable: the totals are absolute, and whoever takes over writes them again.
/// </summary>
internal sealed class UserPartition : PartitionWork<int, UserDelta>
{
    private const int MostChanges = 20_000;

    private readonly IUserCollection _users;
    private readonly StatisticsWindow _statistics;
    private readonly Remembered<UserEngagement> _totals;
    private int _atOnce = MostChanges;

    public UserPartition(
        int number,
        IUserCollection users,
        IStateRecord record,
        PipelineOptions options,
        PauseSwitch pause,
        StatisticsWindow statistics,
        TimeProvider time,
        ILogger logger)
        : base($"user partition {number}", record, options, pause, time, logger)
    {
        (_users, _statistics) = (users, statistics);
        _totals = new Remembered<UserEngagement>(options.Remembered);
    }

    /// <summary>Hands it changes, or asks about those handed before.</summary>
    public Task<AddReply> AddAsync(AddDeltas request) => TakeAsync(request.Partition, request.Batch, request.Deltas, UserDelta.Read);

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        var state = await RecoverAsync(cancellationToken);
        while (await Inbox.WaitToReadAsync(cancellationToken))
        {
            await Task.Delay(Options.UserInterval, Time, cancellationToken);
            state = await CommitAsync(state, cancellationToken);
        }

        await Record.WriteAsync((state with { Open = false, Totals = [], Authors = [] }).Write());
    }

    /// <summary>Takes the record over, and writes the totals that it tells of again.</summary>
    private async Task<UserIntent> RecoverAsync(CancellationToken cancellationToken)
    {
        var stored = await Attempts.UntilDoneAsync("read the intent", _ => Record.ReadAsync(), cancellationToken);
        var state = (stored is null ? UserIntent.None : UserIntent.Read(stored)) with { Writer = Self };
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
        while (changes.Count < MostChanges && Inbox.TryRead(out var next))
        {
            taken.Add(next.Work);
            if (next.Work.Number <= applied.GetValueOrDefault(next.From))
            {
                PipelineMetrics.Repeats.Add(1);
                continue;
            }

            applied[next.From] = next.Work.Number;
            foreach (var change in next.Work.Work)
            {
                var before = changes.GetValueOrDefault(change.User);
                changes[change.User] = new UserDelta(change.User, before.Change.Merge(change.Change), change.Author ?? before.Author);
            }
        }

        if (changes.Count > 0)
        {
            var totals = await TotalsAsync(changes, cancellationToken);
            var authors = changes.Values.Where(change => change.Author is not null).Select(change => change.Author!).ToList();
            state = new UserIntent(Self, state.Version + 1, true, applied, totals, authors);
            await NoteAsync(state, cancellationToken);
        }

        Complete(taken);
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
            : await Attempts.UntilDoneAsync("find totals", token => _users.FindTotalsAsync(unknown, token), cancellationToken);
        return changed.ConvertAll(change =>
        {
            var before = _totals.TryGet(change.User, out var total) ? total : found.GetValueOrDefault(change.User);
            return new KeyValuePair<long, UserEngagement>(change.User, before.Merge(change.Change));
        });
    }

    private Task NoteAsync(UserIntent intent, CancellationToken cancellationToken)
    {
        var bytes = intent.Write();
        return Attempts.UntilDoneAsync("note totals", _ => Record.WriteAsync(bytes), cancellationToken);
    }

    private async Task WriteAsync(UserIntent intent, CancellationToken cancellationToken)
    {
        var began = Time.GetTimestamp();
        var authors = intent.Authors.ToLookup(static one => one.Id);
        var totals = intent.Totals.ToLookup(static one => one.Key);
        var users = intent.Authors.Select(static one => one.Id).Union(intent.Totals.Select(static one => one.Key)).Order().ToList();
        var count = 0;
        for (var at = 0; at < users.Count;)
        {
            var size = 0;
            try
            {
                await Attempts.UntilDoneAsync(
                    "write users",
                    async token =>
                    {
                        size = Math.Min(users.Count - at, _atOnce);
                        var piece = users.GetRange(at, size);
                        await _users.WriteAsync(intent.Version, [.. piece.SelectMany(user => authors[user])], [.. piece.SelectMany(user => totals[user])], token);
                        return true;
                    },
                    cancellationToken,
                    () => Shrink(size));
                Remember(users.GetRange(at, size).SelectMany(user => totals[user]));
                count += size;
                at += size;
                _atOnce = Math.Min(_atOnce * 2, MostChanges);
            }
            catch (StoreRejectedException exception) when (size == 1)
            {
                // Whether the total is stored is not known: it is asked for when it is needed.
                _totals.Forget(users[at]);
                PipelineMetrics.RejectedUsers.Add(1);
                PipelineLog.StoreRejected(Logger, Name, $"user {users[at]}", exception.Message);
                at++;
            }
            catch (StoreRejectedException)
            {
                // Halved until the one is found that it is about.
                Shrink(size);
            }
        }

        _statistics.UsersStored(count, Time.GetElapsedTime(began));
        PipelineMetrics.Users.Add(count);
    }

    // A store that is too slow for all of it has time for a part, and what is written need not be written again.
    private void Shrink(int size) => _atOnce = Math.Max(1, size / 2);

    private void Remember(IEnumerable<KeyValuePair<long, UserEngagement>> totals)
    {
        foreach (var (user, total) in totals)
        {
            _totals.Put(user, total);
        }
    }
}
