using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>The users of this process, in its memory and nowhere else; beyond the most it may hold, those not seen for longest go.</summary>
/// <param name="most">Most users to hold, 1 or more.</param>
internal sealed class MemoryUsers(int most = 200_000) : IUserCollection
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, LinkedListNode<Entry>> _users = [];
    private readonly LinkedList<Entry> _seen = [];

    /// <summary>Told of what is written; null: nobody is.</summary>
    public MemoryOutbox? Outbox { get; set; }

    /// <summary>The totals that are there now.</summary>
    public IReadOnlyDictionary<long, UserEngagement> Totals
    {
        get
        {
            lock (_gate)
            {
                return _seen.Where(entry => entry.Total.Count > 0).ToDictionary(entry => entry.User, entry => entry.Total);
            }
        }
    }

    public UserEngagement TotalOf(long user)
    {
        lock (_gate)
        {
            return _users.TryGetValue(user, out var node) ? node.Value.Total : default;
        }
    }

    /// <summary>What is known of a user; null: nothing.</summary>
    public TweetAuthor? AuthorOf(long user)
    {
        lock (_gate)
        {
            return _users.GetValueOrDefault(user)?.Value.Author;
        }
    }

    public Task<IReadOnlyDictionary<long, UserEngagement>> FindTotalsAsync(IReadOnlyCollection<long> users, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, UserEngagement>();
        lock (_gate)
        {
            foreach (var user in users)
            {
                if (_users.TryGetValue(user, out var node) && node.Value.Total.Count > 0)
                {
                    found[user] = node.Value.Total;
                }
            }
        }

        return Task.FromResult<IReadOnlyDictionary<long, UserEngagement>>(found);
    }

    public async Task WriteAsync(
        long version,
        IReadOnlyList<TweetAuthor> authors,
        IReadOnlyList<KeyValuePair<long, UserEngagement>> totals,
        CancellationToken cancellationToken)
    {
        if (Outbox is { } outbox)
        {
            await outbox.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }

        lock (_gate)
        {
            foreach (var (user, total) in totals)
            {
                Put(user, version, entry => entry with { Total = total });
            }

            foreach (var author in authors)
            {
                if (Put(author.Id, version, entry => entry with { Author = author }) is { } isCreated)
                {
                    Outbox?.Add(author, isCreated);
                }
            }
        }
    }

    /// <summary>Whether the user is new; null: a higher version is there.</summary>
    private bool? Put(long user, long version, Func<Entry, Entry> change)
    {
        if (_users.TryGetValue(user, out var node))
        {
            if (node.Value.Version > version)
            {
                return null;
            }

            var isCreated = node.Value.Author is null;
            _seen.Remove(node);
            node.Value = change(node.Value) with { Version = version };
            _seen.AddLast(node);
            return isCreated;
        }

        _users.Add(user, _seen.AddLast(change(new Entry(user, version, default, null))));
        if (_users.Count > most)
        {
            _users.Remove(_seen.First!.Value.User);
            _seen.RemoveFirst();
        }

        return true;
    }

    private readonly record struct Entry(long User, long Version, UserEngagement Total, TweetAuthor? Author);
}
