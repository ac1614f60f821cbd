using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Rookery.Grains;
using Rookery.Hosting;

namespace Rookery.Silo;

/// <summary>Whether grain storage answers.</summary>
internal sealed class StorageProbe([FromKeyedServices(TopicOptions.Storage)] IGrainStorage storage, TimeProvider time)
{
    private static readonly GrainId Nothing = GrainId.Create("health", "probe");

    private readonly Probe _probe = new(
        async () =>
        {
            await storage.ReadStateAsync("log", Nothing, new GrainState<LogRecord> { State = new LogRecord() }).ConfigureAwait(false);
            return null;
        },
        "storage",
        time);

    /// <summary>Why storage cannot be reached; null: it can.</summary>
    public Task<string?> AskAsync() => _probe.AskAsync();
}
