using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>What the topics of one silo share.</summary>
public sealed class TopicServices
{
    /// <summary>Creates it.</summary>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public TopicServices(
        TopicOptions options, [FromKeyedServices(TopicOptions.Storage)] IGrainStorage storage, ILogger<TopicServices> logger, TimeProvider? time = null,
        SiloEnd? end = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (Options, Storage, Logger, Time) = (options, storage, logger, time ?? TimeProvider.System);
        End = end;
        Cache = new FrameCache(options.CacheBytes);
    }

    /// <summary>How topics are set up.</summary>
    public TopicOptions Options { get; }

    internal IGrainStorage Storage { get; }

    internal ILogger Logger { get; }

    internal TimeProvider Time { get; }

    internal SiloEnd? End { get; }

    internal FrameCache Cache { get; }
}
