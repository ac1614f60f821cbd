using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>What the tweet half of one silo shares.</summary>
internal sealed class PipelineServices : IDisposable
{
    private static readonly GrainType TweetState = GrainType.Create("tweetpartition");
    private static readonly GrainType UserState = GrainType.Create("userpartition");
    private static readonly GrainType StreamState = GrainType.Create("tweetstream");
    private static readonly GrainType PipelineState = GrainType.Create("pipeline");

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<StreamPump, CancellationTokenRegistration> _pumps = new();
    private readonly CancellationTokenSource _stopReading = new();
    private readonly CancellationTokenSource _stopping;
    private readonly IGrainStorage _storage;
    private readonly ITweetCollection _tweets;
    private readonly IUserCollection _users;

    public PipelineServices(
        WorkerServices workers,
        [FromKeyedServices(TopicOptions.Storage)] IGrainStorage storage,
        ITweetCollection tweets,
        IUserCollection users,
        IEventStream events,
        IGrainFactory grains,
        ByNumberPlacementDirector placement,
        IHostApplicationLifetime life,
        SiloEnd end,
        ILogger<PipelineServices> logger)
    {
        (_storage, _tweets, _users, End) = (storage, tweets, users, end);
        (Options, Time, Events, Grains, Placement, Logger) = (workers.Options, workers.Time, events, grains, placement, logger);
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(life.ApplicationStopped);

        // Of two threads none might be left to make room; readers, which wait for it, bring their own.
        ThreadPool.GetMinThreads(out var threads, out var ports);
        ThreadPool.SetMinThreads(Math.Max(threads, 2 * Environment.ProcessorCount), ports);
        Blocks = new TweetBlockPool();
        Hashtags = new HashtagRanking(Options.Hashtags);
        Desk = MakeDesk();
        Gauges = new PipelineGauges(this);
    }

    public PipelineOptions Options { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public IEventStream Events { get; }

    public IGrainFactory Grains { get; }

    public ByNumberPlacementDirector Placement { get; }

    /// <summary>Cancelled when the silo is gone: nothing that it began goes on.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>How much time is left once the silo is told to end.</summary>
    public SiloEnd End { get; }

    public PauseSwitch Pause { get; } = new();

    /// <summary>Whether the silo reads no more streams, because it is about to end.</summary>
    public bool HasStoppedReading => _stopReading.IsCancellationRequested;

    public SequenceSource Sequences { get; } = new();

    public TweetBlockPool Blocks { get; }

    public ScoringDesk Desk { get; }

    public HashtagRanking Hashtags { get; }

    public StatisticsWindow Statistics { get; } = new("#1");

    private PipelineGauges Gauges { get; }

    public TweetPartition NewTweetPartition(int number, IUserPartitions users) =>
        new(number, _tweets, Record(TweetState, number), users, Options, Pause, Statistics, Time, Logger);

    public UserPartition NewUserPartition(int number) =>
        new(number, _users, Record(UserState, number), Options, Pause, Statistics, Time, Logger);

    /// <summary>A pump that ends with the reading of the silo.</summary>
    public StreamPump NewPump(long number, Uri source)
    {
        var pump = new StreamPump(number, source, this);
        _pumps[pump] = _stopReading.Token.UnsafeRegister(static one => ((StreamPump)one!).Close(), pump);
        return pump;
    }

    /// <summary>A pump has ended.</summary>
    public void Ended(StreamPump pump)
    {
        if (_pumps.TryRemove(pump, out var registration))
        {
            registration.Dispose();
        }
    }

    /// <summary>
    /// Reads no more, and completes when what was read is durable: while the partitions are still here to take it, and as long as they have time
    /// left to end in order themselves. What is not durable by then is read again elsewhere.
    /// </summary>
    public async Task StopReadingAsync(CancellationToken cancellationToken)
    {
        await _stopReading.CancelAsync();
        while (!_pumps.IsEmpty && !End.IsTimeForGrains(Options.StoreTimeout))
        {
            await Task.Delay(Look, Time, cancellationToken);
        }
    }

    public IStateRecord StreamRecord(long number) => Record(StreamState, number);

    public IStateRecord PipelineRecord() => Record(PipelineState, 0);

    public void Dispose()
    {
        _stopping.Cancel();
        Gauges.Dispose();
        Desk.Dispose();
        _stopping.Dispose();
        _stopReading.Dispose();
    }

    private StateRecord Record(GrainType type, long number) =>
        new("partitions", GrainId.Create(type, GrainIdKeyExtensions.CreateIntegerKey(number)), _storage, Options.StoreTimeout, Time);

    private ScoringDesk MakeDesk()
    {
        var join = new Join(Options.Join);
        List<(Stages Stage, Func<IWorkerGrain> Worker)> all =
        [
            (Stages.Sentiment, () => Grains.GetGrain<ISentimentWorkerGrain>(0)),
            (Stages.Engagement, () => Grains.GetGrain<IEngagementWorkerGrain>(0)),
            (Stages.Censor, () => Grains.GetGrain<ICensorWorkerGrain>(0)),
        ];
        var used = all.FindAll(one => Options.Join.Stages.HasFlag(one.Stage));
        var runners = used.Select((one, ordinal) => new StageRunner(
            one.Stage, ordinal, used.Count, one.Worker(), join, new ConcurrencyLimit(Options.Limit, Time), Statistics, Time, Logger,
            WorkerGrain.RecordsPerCall(Options.Work)));
        return new ScoringDesk(join, [.. runners], Time);
    }
}
