using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Orleans.Storage;
using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>
/// The records of one topic's log in grain storage, under keys <c>topic/n</c> and <c>topic/head</c>. Every operation has a
/// deadline; what a provider throws is translated, because its exceptions cannot travel between the processes of a cluster.
/// </summary>
internal sealed class LogStore(TopicName topic, IGrainStorage storage, TimeSpan timeout, TimeProvider time)
{
    public const long Head = -1;

    private const string StateName = "log";
    private static readonly GrainType KeyType = GrainType.Create("topiclog");
    private static readonly Counter<long> Writes = ClusterMetrics.Meter.CreateCounter<long>("rookery.log.writes");
    private static readonly Counter<long> WrittenBytes = ClusterMetrics.Meter.CreateCounter<long>("rookery.log.written_bytes");
    private static readonly Counter<long> Reads = ClusterMetrics.Meter.CreateCounter<long>("rookery.log.reads");
    private static readonly Counter<long> Failures = ClusterMetrics.Meter.CreateCounter<long>("rookery.log.failures");

    // The name and its attributes are those of OpenTelemetry's semantic conventions.
    private static readonly Histogram<double> Duration = ClusterMetrics.Meter.CreateHistogram<double>("db.client.operation.duration", "s");

    /// <summary>Reads a record.</summary>
    /// <returns>Its bytes and its ETag; null where there is none.</returns>
    /// <exception cref="JournalException">It cannot be read.</exception>
    public async Task<(byte[] Data, string? ETag)?> ReadAsync(long number)
    {
        // A state that was used before would keep its old content where there is no record.
        var state = new GrainState<LogRecord> { State = new LogRecord() };
        await Guard("read", number, () => storage.ReadStateAsync(StateName, KeyOf(number), state));
        Reads.Add(1);
        return state.RecordExists ? (state.State?.Data ?? [], state.ETag) : null;
    }

    /// <summary>Writes a record: a new one where <paramref name="eTag"/> is null, else over the one that has it.</summary>
    /// <returns>Its new ETag.</returns>
    /// <exception cref="FencedException">Another activation was there first.</exception>
    /// <exception cref="JournalException">The outcome is unknown.</exception>
    public async Task<string?> WriteAsync(long number, byte[] data, string? eTag)
    {
        var state = new GrainState<LogRecord> { State = new LogRecord { Data = data }, ETag = eTag };
        await Guard("write", number, () => storage.WriteStateAsync(StateName, KeyOf(number), state));
        Writes.Add(1);
        WrittenBytes.Add(data.Length);
        return state.ETag;
    }

    /// <summary>Deletes a record, if it is there. Nothing fences this: the caller has advanced the head before.</summary>
    public async Task DeleteAsync(long number)
    {
        var state = new GrainState<LogRecord> { State = new LogRecord() };
        await Guard("read", number, () => storage.ReadStateAsync(StateName, KeyOf(number), state));
        if (state.RecordExists)
        {
            await Guard("delete", number, () => storage.ClearStateAsync(StateName, KeyOf(number), state));
            Writes.Add(1);
        }
    }

    private GrainId KeyOf(long number) =>
        GrainId.Create(KeyType, IdSpan.Create($"{topic}/{(number == Head ? "head" : number.ToString(CultureInfo.InvariantCulture))}"));

    private async Task Guard(string what, long number, Func<Task> operation)
    {
        using var activity = ClusterMetrics.Source.StartActivity($"{what} {StateName}", ActivityKind.Client);
        activity?.SetTag("db.operation.name", what).SetTag("db.collection.name", StateName).SetTag("messaging.destination.name", topic.Value);
        var began = time.GetTimestamp();
        var error = string.Empty;
        try
        {
            await StorageGuard.RunAsync(what, $"record {KeyOf(number).Key}", operation, timeout, time, (exception, words) =>
            {
                error = exception.GetType().Name;
                return new JournalException(words);
            });
        }
        catch (FencedException)
        {
            error = nameof(FencedException);
            throw;
        }
        finally
        {
            var tags = new TagList { { "db.operation.name", what }, { "db.collection.name", StateName } };
            if (error.Length > 0)
            {
                Failures.Add(1);
                activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", error);
                tags.Add("error.type", error);
            }

            Duration.Record(time.GetElapsedTime(began).TotalSeconds, tags);
        }
    }
}
