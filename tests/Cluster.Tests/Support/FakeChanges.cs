using System.Globalization;
using System.Text;
using System.Text.Json;
using Rookery.Broker;
using Rookery.Grains;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>What ends a feed in the middle of something, as a kill does.</summary>
internal sealed class KilledException : Exception;

/// <summary>A store with a log of its changes, topics with producers, and a place for the position: all outlive a feed.</summary>
internal sealed class FakeChanges : IChangeSource, IChangeFeedStore
{
    private readonly Dictionary<(bool IsTweet, long Id), (long Version, long Stored, long Changed)> _rows = [];
    private readonly List<Change> _log = [];
    private readonly Dictionary<(string Topic, string Producer), long> _last = [];
    private byte[]? _saved;

    /// <summary>Called before and after everything that a feed does outside itself; throws to end it there.</summary>
    public Action<string> Step { get; set; } = _ => { };

    /// <summary>Decides what becomes of a publish; null: it is done.</summary>
    public Func<TopicCommands, PublishEnd?> Refuse { get; set; } = _ => null;

    /// <summary>Changes that a reader gives at once; the feed must not depend on it.</summary>
    public Func<int> AtOnce { get; set; } = () => int.MaxValue;

    /// <summary>Positions before this one are lost.</summary>
    public int Forgotten { get; set; }

    public bool IsSupported { get; set; } = true;

    /// <summary>Called when there is nothing to read.</summary>
    public Action Idle { get; set; } = () => throw new KilledException();

    public long Now { get; set; } = 1_000_000;

    public List<(string Topic, string Change, long Id, long Version, int Priority)> Events { get; } = [];

    public IReadOnlyList<Change> Log => _log;

    public IEnumerable<(bool IsTweet, long Id, long Version)> Rows => _rows.Select(one => (one.Key.IsTweet, one.Key.Id, one.Value.Version));

    public int Saves { get; private set; }

    /// <summary>Producers that topics have to remember.</summary>
    public int Producers => _last.Keys.Select(one => one.Producer).Distinct().Count();

    public void Write(bool isTweet, long id)
    {
        Now++;
        var isNew = !_rows.TryGetValue((isTweet, id), out var row);
        _rows[(isTweet, id)] = (row.Version + 1, isNew ? Now : row.Stored, Now);
        _log.Add(new Change(isTweet, id, isNew, Now));
    }

    public void Remove(bool isTweet, long id) => _rows.Remove((isTweet, id));

    /// <summary>Runs a feed until it is killed or there is nothing to do.</summary>
    public async Task RunAsync(ChangeFeedStatus? status = null, ChangeFeedOptions? options = null)
    {
        options ??= new ChangeFeedOptions { SaveEvery = TimeSpan.Zero, ScanSize = 3, Pause = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2)) };
        status ??= new ChangeFeedStatus();
        var logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
        using var publisher = new ChangePublisher(this, PublishAsync, options, 1_000_000, status, TimeProvider.System, logger);
        var feed = new ChangeFeed(this, publisher, this, options, status, TimeProvider.System, logger);
        await Assert.ThrowsAsync<KilledException>(() => feed.RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60)));
    }

    public Task<string> GetPositionAsync(CancellationToken cancellationToken)
    {
        Step("position");
        return IsSupported ? Task.FromResult(Text(_log.Count)) : throw new ChangesUnsupportedException("it cannot");
    }

    public Task<IChangeReader> OpenAsync(string position, CancellationToken cancellationToken)
    {
        Step("open");
        var at = int.Parse(position, CultureInfo.InvariantCulture);
        return at < Forgotten ? throw new ChangesLostException("too old") : Task.FromResult<IChangeReader>(new Reader(this, at));
    }

    public Task<IReadOnlyList<Change>> ScanAsync(bool ofTweets, long from, long after, int most, CancellationToken cancellationToken)
    {
        Step("scan");
        return Task.FromResult<IReadOnlyList<Change>>([.. _rows
            .Where(one => one.Key.IsTweet == ofTweets && (one.Value.Changed > from || (one.Value.Changed == from && one.Key.Id > after)))
            .OrderBy(one => one.Value.Changed).ThenBy(one => one.Key.Id).Take(most)
            .Select(one => new Change(ofTweets, one.Key.Id, one.Value.Stored == one.Value.Changed, one.Value.Changed))]);
    }

    public Task<StoredRows> FindAsync(IReadOnlyCollection<long> tweets, IReadOnlyCollection<long> users, CancellationToken cancellationToken)
    {
        Step("find");
        return Task.FromResult(new StoredRows(
            tweets.Where(id => _rows.ContainsKey((true, id))).ToDictionary(id => id, id => new ScoredTweet
            {
                Id = id,
                UserId = 0,
                Text = "t"u8.ToArray(),
                Favorites = _rows[(true, id)].Version,
                Sentiment = 0.8,
                Hashtags = ["a"u8.ToArray(), "b"u8.ToArray()],
            }),
            users.Where(id => _rows.ContainsKey((false, id))).ToDictionary(id => id, id => new StoredUser(
                new TweetAuthor { Id = id, Followers = _rows[(false, id)].Version }, new UserEngagement(2, 1)))));
    }

    public Task<ChangeFeedState?> LoadAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_saved is null ? null : ChangeFeedState.Read(_saved));

    public Task SaveAsync(ChangeFeedState state, CancellationToken cancellationToken)
    {
        Step("save");
        _saved = state.Write();
        Saves++;
        Step("saved");
        return Task.CompletedTask;
    }

    private Task<PublishEnd> PublishAsync(TopicCommands commands, string producer, CancellationToken cancellationToken)
    {
        Step("publish");
        if (Refuse(commands) is { } refusal)
        {
            return Task.FromResult(refusal);
        }

        var key = (commands.Topic.Value, producer);
        for (var i = 0; i < commands.Commands.Length; i++)
        {
            ref readonly var command = ref commands.Commands[i];
            var isNew = command.Number > _last.GetValueOrDefault(key);
            commands.Results[i] = new CommandResult { Outcome = isNew ? Outcome.Done : Outcome.Repeated };
            if (isNew)
            {
                _last[key] = command.Number;
                Events.Add(Read(commands.Topic.Value, commands.BytesOf(command.Message), command.Priority));
            }
        }

        Step("published");
        return Task.FromResult(new PublishEnd(Outcome.Done, null));
    }

    private static (string Topic, string Change, long Id, long Version, int Priority) Read(string topic, ReadOnlySpan<byte> message, int priority)
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(message));
        var root = json.RootElement;
        return (topic, root.GetProperty("change").GetString()!, long.Parse(root.GetProperty("id").GetString()!, CultureInfo.InvariantCulture),
            root.GetProperty(topic == "tweets" ? "favorites" : "followers").GetInt64(), priority);
    }

    private static string Text(int position) => position.ToString(CultureInfo.InvariantCulture);

    private sealed class Reader(FakeChanges changes, int at) : IChangeReader
    {
        public Task<ChangeBatch> ReadAsync(CancellationToken cancellationToken)
        {
            changes.Step("read");
            if (at < changes.Forgotten)
            {
                throw new ChangesLostException("too old");
            }

            if (at == changes._log.Count)
            {
                changes.Idle();
            }

            var count = Math.Min(changes.AtOnce(), changes._log.Count - at);
            var batch = changes._log.GetRange(at, count);
            at += count;
            return Task.FromResult(new ChangeBatch(batch, Text(at)));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
