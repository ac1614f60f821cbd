using Rookery.Broker;
using Rookery.Local;

namespace Rookery.Command;

/// <summary>What the page shows of a run, and what its buttons act on.</summary>
internal sealed record RunView
{
    public required IBroker Broker { get; init; }

    /// <summary>Looks the pipeline up: there is none of a broker alone, nor before it has started.</summary>
    public required Func<TweetPipeline?> FindPipeline { get; init; }

    public TweetPipeline? Pipeline => FindPipeline();

    /// <summary>Looks up who has its figures, as that one.</summary>
    public required Func<PipelineLook?> FindLook { get; init; }

    public PipelineLook? Look => FindLook();

    /// <summary>Port of the line protocol.</summary>
    public required int BrokerPort { get; init; }

    /// <summary>Connections of the line protocol now.</summary>
    public required Func<int> Connections { get; init; }

    /// <summary>What does not work at present, for people.</summary>
    public required Func<IEnumerable<string>> Troubles { get; init; }

    /// <summary>Why the pipeline and its store cannot do their work at present; null: they can, or there are none.</summary>
    public required Func<string?> NotReady { get; init; }

    /// <summary>The figures of the last two minutes.</summary>
    public required RunHistory History { get; init; }

    /// <summary>Time since the start.</summary>
    public required Func<TimeSpan> Uptime { get; init; }
}
