using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Bench;
using Rookery.Grains;
using Rookery.Silo;
using Rookery.Tweets;

namespace Rookery.Cluster.Bench;

/// <summary>Tweets per second through one silo: read, scored by the worker grains, joined, handed to the tweet grains, stored.</summary>
internal sealed class TweetTable(string? mongoDb)
{
    // Warm is counted in tweets: on a busy machine ten seconds are spent on compiling alone.
    private const long WarmTweets = 300_000;
    private static readonly TimeSpan WarmAtLeast = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WarmAtMost = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    public async Task RunAsync()
    {
        BrokerTables.Say($"""

            Tweets, those inside others among them; 1 silo, 2 streams, 1 % kill messages; the tweet server is a process of its own

            | read from | kept in | tweets/s | µs of processor per tweet | and of the tweet server | bytes allocated per tweet | crashes/s |
            | --- | --- | ---: | ---: | ---: | ---: | ---: |
            """);
        using var feed = FeedProcess.Start();
        var events = await RecordedStream.RecordAsync(feed.Address, 20_000).ConfigureAwait(false);
        await RowAsync("memory", "nothing: it takes all at once", feed, "launchdarkly", Into(new NoStore(), events)).ConfigureAwait(false);
        await RowAsync("HTTP, the runtime's parser", "nothing", feed, "runtime", Into(new NoStore(), null)).ConfigureAwait(false);
        await RowAsync("HTTP, LaunchDarkly's", "nothing", feed, "launchdarkly", Into(new NoStore(), null)).ConfigureAwait(false);
        var all = mongoDb is null ? "memory, and topics" : "MongoDB protocol, and topics";
        await RowAsync("HTTP, the runtime's parser", all, feed, "runtime", null).ConfigureAwait(false);
    }

    private static Action<ISiloBuilder, int, int> Into(NoStore store, RecordedStream? events) => (silo, port, entrance) =>
    {
        silo.UseLocalhostClustering(port, entrance);
        silo.AddMemoryGrainStorage(TopicOptions.Storage);
        silo.Services.AddSingleton<ITweetCollection>(store).AddSingleton<IUserCollection>(store);
        if (events is not null)
        {
            silo.Services.AddSingleton<IEventStream>(events);
        }
    };

    private async Task RowAsync(string from, string into, FeedProcess feed, string reader, Action<ISiloBuilder, int, int>? keep)
    {
        using var counts = new Counts();
        await using var nodes = await Nodes.StartAsync(1, keep is null ? mongoDb : null, ["--tweets", feed.Address.ToString(), "--streams", "2", "--stream-reader", reader], keep).ConfigureAwait(false);
        await WarmAsync(counts).ConfigureAwait(false);
        var (tweets, crashes, processor, serving) = (counts.Stored, counts.Crashes, Environment.CpuUsage.TotalTime, feed.ProcessorTime);
        var (allocated, begin) = (GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        await Task.Delay(Measured).ConfigureAwait(false);
        var (stored, seconds) = (Math.Max(1, counts.Stored - tweets), Stopwatch.GetElapsedTime(begin).TotalSeconds);
        var (own, others) = (Environment.CpuUsage.TotalTime - processor, feed.ProcessorTime - serving);
        BrokerTables.Say(
            $"| {from} | {into} | {stored / seconds:N0} | {own.TotalMicroseconds / stored:N1} | {others.TotalMicroseconds / stored:N1} | {(GC.GetTotalAllocatedBytes() - allocated) / stored:N0} | {(counts.Crashes - crashes) / seconds:N0} |");
    }

    private static async Task WarmAsync(Counts counts)
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < WarmAtMost;)
        {
            await Task.Delay(50).ConfigureAwait(false);
            if (counts.Stored >= WarmTweets && Stopwatch.GetElapsedTime(began) >= WarmAtLeast)
            {
                return;
            }
        }
    }

    /// <summary>Takes everything and keeps nothing.</summary>
    private sealed class NoStore : ITweetCollection, IUserCollection
    {
        public Task<IReadOnlyDictionary<long, double?>> FindEngagementAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<long, double?>>(new Dictionary<long, double?>());

        public Task<StoreReceipt> WriteAsync(int partition, long batch, IReadOnlyList<ScoredTweet> tweets, CancellationToken cancellationToken) =>
            Task.FromResult(new StoreReceipt(tweets.Count, 0, 0, default, default));

        public Task<IReadOnlySet<long>> FindWrittenAsync(int partition, long batch, IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<long>>(new HashSet<long>());

        public Task<bool> IsHealthyAsync(CancellationToken cancellationToken) => Task.FromResult(true);

        public Task<IReadOnlyDictionary<long, UserEngagement>> FindTotalsAsync(IReadOnlyCollection<long> users, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<long, UserEngagement>>(new Dictionary<long, UserEngagement>());

        public Task WriteAsync(
            long version,
            IReadOnlyList<TweetAuthor> authors,
            IReadOnlyList<KeyValuePair<long, UserEngagement>> totals,
            CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Events recorded once and sent over and over, as fast as they are taken.</summary>
    private sealed class RecordedStream(List<byte[]> events) : IEventStream
    {
        public static async Task<RecordedStream> RecordAsync(Uri source, int count)
        {
            using var reader = new HttpEventStream(TimeProvider.System);
            using var stop = new CancellationTokenSource();
            var recorder = new Recorder(count, stop);
            try
            {
                await reader.RunAsync(new Uri(source, "/tweets/1"), null, recorder, stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Enough.
            }

            return new RecordedStream(recorder.Events);
        }

        public Task RunAsync(Uri stream, string? lastEventId, IEventSink sink, CancellationToken cancellationToken)
        {
            sink.Opened();
            for (var i = 0; ; i = (i + 1) % events.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sink.Received(events[i], null);
            }
        }

        private sealed class Recorder(int count, CancellationTokenSource stop) : IEventSink
        {
            public List<byte[]> Events { get; } = [];

            public void Opened()
            {
            }

            public void Received(ReadOnlySpan<byte> data, string? id)
            {
                Events.Add(data.ToArray());
                if (Events.Count >= count)
                {
                    stop.Cancel();
                    stop.Token.ThrowIfCancellationRequested();
                }
            }

            public void Closed(string reason)
            {
            }
        }
    }
}
