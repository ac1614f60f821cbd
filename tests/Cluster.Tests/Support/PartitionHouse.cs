using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Grains;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>Partitions without a cluster: as grains would be, each is there when it is asked for, again after it was killed.</summary>
internal sealed class PartitionHouse : IUserPartitions, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Activation<TweetPartition>> _tweets = [];
    private readonly Dictionary<int, Activation<UserPartition>> _users = [];
    private readonly List<Task> _all = [];

    public static PipelineOptions Quick { get; } = new()
    {
        TweetPartitions = 4,
        UserPartitions = 2,
        Batch = new AdaptiveBatchOptions { Initial = 16, Min = 4, Max = 64, MaxAge = TimeSpan.FromMilliseconds(2) },
        UserInterval = TimeSpan.FromMilliseconds(1),
        AnswerWithin = TimeSpan.FromMilliseconds(500),
        StoreTimeout = TimeSpan.FromMilliseconds(100),
        Retry = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20)),
        Remembered = 20,
    };

    public PipelineOptions Options { get; init; } = Quick;

    public FaultyStore Store { get; init; } = new();

    public SharedStorage Storage { get; } = new();

    public PauseSwitch Pause { get; } = new();

    public async Task<AddReply> AddAsync(int partition, AddTweets request) => await TweetsOf(partition).AddAsync(request);

    public async Task<AddReply> AddAsync(int partition, AddDeltas request) => await UsersOf(partition).AddAsync(request);

    /// <summary>Sends tweets as a reader does, until they are durable.</summary>
    public async Task BringAsync(Guid reader, long number, int partition, IReadOnlyList<TestTweet> tweets)
    {
        var request = new AddTweets(reader, number, TestTweet.Write(tweets));
        var began = DateTime.UtcNow;
        while (true)
        {
            var reply = await AddAsync(partition, request);
            if (reply.Status == AddStatus.Done)
            {
                return;
            }

            Assert.NotEqual(AddStatus.Refused, reply.Status);
            Assert.True(DateTime.UtcNow - began < TimeSpan.FromMinutes(1), $"not durable after a minute: {reply}");
            await Task.Delay(1);
        }
    }

    public TweetPartition TweetsOf(int number) => Find(_tweets, number, one => one.HasEnded, () =>
    {
        var partition = new TweetPartition(
            number, Store, Record("tweets", number), this, Options, Pause, new StatisticsWindow("t"), TimeProvider.System, NullLogger.Instance);
        return new Activation<TweetPartition>(partition, partition.RunAsync, partition.Close);
    });

    public UserPartition UsersOf(int number) => Find(_users, number, one => one.HasEnded, () =>
    {
        var partition = new UserPartition(
            number, Store, Record("users", number), Options, Pause, new StatisticsWindow("t"), TimeProvider.System, NullLogger.Instance);
        return new Activation<UserPartition>(partition, partition.RunAsync, partition.Close);
    });

    /// <summary>Ends a partition where it is; nobody hears of it.</summary>
    public void KillTweets(int number) => Kill(_tweets, number);

    /// <summary>As above.</summary>
    public void KillUsers(int number) => Kill(_users, number);

    /// <summary>Takes a partition out of the house without ending it: another one comes, and both live.</summary>
    public TweetPartition Abandon(int number)
    {
        lock (_gate)
        {
            _tweets.Remove(number, out var activation);
            return activation!.Partition;
        }
    }

    /// <summary>Ends a partition in order.</summary>
    public Task CloseTweetsAsync(int number)
    {
        lock (_gate)
        {
            _tweets.Remove(number, out var activation);
            activation!.Close();
            return activation.Running;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Store.Before = null;
        Store.After = null;
        Storage.Before = null;
        Storage.After = null;
        lock (_gate)
        {
            foreach (var one in _tweets.Values)
            {
                one.Kill();
            }

            foreach (var one in _users.Values)
            {
                one.Kill();
            }
        }

        await Task.WhenAll(_all).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private StateRecord Record(string type, int number) =>
        new("partitions", GrainId.Create(type, $"{number}"), Storage, Options.StoreTimeout, TimeProvider.System);

    private T Find<T>(Dictionary<int, Activation<T>> among, int number, Func<T, bool> hasEnded, Func<Activation<T>> make)
    {
        lock (_gate)
        {
            if (!among.TryGetValue(number, out var activation) || activation.IsDead || hasEnded(activation.Partition))
            {
                among[number] = activation = make();
                _all.Add(activation.Running);
            }

            return activation.Partition;
        }
    }

    private void Kill<T>(Dictionary<int, Activation<T>> among, int number)
    {
        lock (_gate)
        {
            among.GetValueOrDefault(number)?.Kill();
        }
    }

    private sealed class Activation<T> : IDisposable
    {
        private readonly CancellationTokenSource _life = new();

        public Activation(T partition, Func<CancellationToken, Task> run, Action close)
        {
            (Partition, Close) = (partition, close);
            Running = Task.Run(() => run(_life.Token));
        }

        public T Partition { get; }

        public Action Close { get; }

        public Task Running { get; }

        public bool IsDead => _life.IsCancellationRequested;

        public void Kill() => _life.Cancel();

        public void Dispose() => _life.Dispose();
    }
}
