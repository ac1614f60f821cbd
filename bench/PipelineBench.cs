using System.Diagnostics;
using System.Globalization;
using Rookery.Local;

namespace Rookery.Bench;

/// <summary>The pipeline against an unlimited tweet server on the same machine.</summary>
internal static class PipelineBench
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(PipelineBenchOptions options)
    {
        using var feed = FeedProcess.Start();
        Print($"{Environment.ProcessorCount} cores, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}");
        var data = Directory.CreateTempSubdirectory("rookery-bench-");
        try
        {
            // First the pipeline: what the limit needs would be counted as its memory.
            var (run, memory) = await MeasureAsync(options, feed, data.FullName).ConfigureAwait(false);
            var limit = await MeasureAloneAsync(feed.Address).ConfigureAwait(false);
            Report(options, run, memory, limit);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task<JsonLimit> MeasureAloneAsync(Uri server)
    {
        var sample = await Sample.TakeAsync(server, 200 << 20).ConfigureAwait(false);
        var limit = JsonLimit.Measure(sample.Blocks);
        Print($"limit: one pass of a JSON reader, one core   {limit.TweetsPerSecond,9:N0} tweets/s  {limit.MegabytesPerSecond,7:N0} MB/s");
        foreach (var (stage, microseconds) in StageCosts.Measure(sample))
        {
            Print($"  stage alone: {stage,-22}          {microseconds,8:N2} µs/tweet");
        }

        return limit;
    }

    private static async Task<(Reading Run, long Memory)> MeasureAsync(PipelineBenchOptions options, FeedProcess feed, string data)
    {
        await using var store = options.Store ? new SqliteTweetStore(new SqliteStoreOptions { Folder = data, OutboxOverflow = OutboxOverflow.DropOldest }) : null;
        if (store is not null)
        {
            await store.OpenAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await using var pipeline = new TweetPipeline(new TweetPipelineOptions { Source = feed.Address }, store);
        await pipeline.StartAsync(CancellationToken.None).ConfigureAwait(false);
        await Task.Delay(WarmUp).ConfigureAwait(false);

        var from = Reading.Take(pipeline, feed);
        for (var end = Stopwatch.GetTimestamp() + (long)(options.Duration.TotalSeconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < end;)
        {
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), end);
            await Task.Delay(left < TimeSpan.FromSeconds(10) ? left : TimeSpan.FromSeconds(10)).ConfigureAwait(false);
            if (options.Soak)
            {
                Print($"  {Reading.Take(pipeline, feed).Since(from).Seconds,5:N0} s  memory {Environment.WorkingSet >> 20,5:N0} MB  in {pipeline.Status.In:N0}");
            }
        }

        return (Reading.Take(pipeline, feed).Since(from), Environment.WorkingSet);
    }

    private static void Report(PipelineBenchOptions options, Reading run, long memory, JsonLimit limit)
    {
        var rate = run.Tweets / run.Seconds;
        Print($"pipeline, store {(options.Store ? "on " : "off")}                           {rate,9:N0} tweets/s  {run.Bytes / run.Seconds / 1e6,7:N0} MB/s");
        Print($"  of the limit                               {rate / limit.TweetsPerSecond,9:P0}");
        Print($"  records with retweeted and quoted          {run.Records / run.Seconds,9:N0} /s");
        if (options.Store)
        {
            Print($"  committed                                  {run.Stored / run.Seconds,9:N0} records/s");
        }

        Print($"  processor time, pipeline                   {run.OwnMicroseconds / run.Tweets,9:N2} µs/tweet ({run.OwnMicroseconds / run.Seconds / 1e6:N2} cores)");
        Print($"  processor time, tweet server               {run.FeedMicroseconds / run.Tweets,9:N2} µs/tweet ({run.FeedMicroseconds / run.Seconds / 1e6:N2} cores)");
        Print($"  memory (working set)                       {memory >> 20,9:N0} MB");
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
