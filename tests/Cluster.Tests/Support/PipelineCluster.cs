using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Rookery.Grains;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Cluster.Tests;

/// <summary>Silos that read streams of a test into a store of the test.</summary>
internal sealed class PipelineCluster : IAsyncDisposable
{
    private PipelineCluster(TestCluster cluster, FaultyStore store, FakeStreams streams) => (Cluster, Store, Streams) = (cluster, store, streams);

    public static PipelineOptions Quick { get; } = new()
    {
        Source = new Uri("http://tweets.invalid/"),
        Streams = 2,
        TweetPartitions = 8,
        UserPartitions = 3,
        Batch = new AdaptiveBatchOptions { Initial = 64, Max = 512, MaxAge = TimeSpan.FromMilliseconds(20) },
        BlockRecords = 20,
        Linger = TimeSpan.FromMilliseconds(5),
        UserInterval = TimeSpan.FromMilliseconds(10),
        AnswerWithin = TimeSpan.FromSeconds(1),
        StoreTimeout = TimeSpan.FromSeconds(1),
        Retry = (TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200)),
        PositionEvery = TimeSpan.FromMilliseconds(100),
        KeepEvery = TimeSpan.FromMilliseconds(200),
    };

    public TestCluster Cluster { get; }

    public FaultyStore Store { get; }

    public FakeStreams Streams { get; }

    public InProcessTestCluster Silos => Cluster.Silos;

    public IGrainFactory Grains => Silos.Client;

    public static async Task<PipelineCluster> StartAsync(
        short silos = 1, PipelineOptions? options = null, FaultyStore? store = null, FakeStreams? streams = null, SharedStorage? storage = null,
        Action<ISiloBuilder>? more = null)
    {
        (store, streams) = (store ?? new FaultyStore(), streams ?? new FakeStreams());
        var cluster = await TestCluster.StartAsync(silos, storage: storage, more: silo =>
        {
            silo.Services.AddSingleton<ITweetCollection>(store).AddSingleton<IUserCollection>(store).AddSingleton<IEventStream>(streams);
            silo.AddPipeline(options ?? Quick);
            more?.Invoke(silo);
        });
        return new PipelineCluster(cluster, store, streams);
    }

    /// <summary>How a stream is doing.</summary>
    public Task<StreamReport> ReportAsync(int stream) => Grains.GetGrain<IStreamReaderGrain>(stream).KeepAsync(Quick.Source!, CancellationToken.None);

    /// <summary>The silo that reads a stream.</summary>
    public InProcessSiloHandle? SiloOf(int stream) =>
        Silos.TryGetGrainContext(Grains.GetGrain<IStreamReaderGrain>(stream).GetGrainId(), out var context)
            ? Silos.GetSiloForAddress(context.Address.SiloAddress!)
            : null;

    /// <summary>What the tweet half of a silo has.</summary>
    public PipelineServices ServicesOf(InProcessSiloHandle silo) => Silos.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<PipelineServices>();

    public Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public Task UntilAsync(Func<Task<bool>> condition, string what) => Eventually.HoldsAsync(condition, () => $"{what}: not in time");

    /// <summary>Waits until so many tweets are stored and every total is what the stored tweets say.</summary>
    public Task UntilExactAsync(int tweets)
    {
        var difference = "";
        return Eventually.HoldsAsync(
            () => Store.Tweets.Tweets.Count == tweets && Store.IsExact(out difference),
            () => $"{Store.Tweets.Tweets.Count} of {tweets} tweets are stored; {difference}");
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
