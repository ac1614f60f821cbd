using Microsoft.Extensions.Logging;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>One of the pools that score: what its workers do with a part of a block.</summary>
internal sealed partial class ScoringStage : IPoolHandler<BlockPart>
{
    private readonly Join _join;
    private readonly StatisticsWindow _statistics;
    private readonly ViewerHub? _viewers;
    private readonly Action<TweetBlock> _complete;
    private readonly ILogger _logger;
    private readonly int _ordinal;
    private readonly int _stages;
    private volatile IScorer _scorer;

    /// <summary>A stage.</summary>
    /// <param name="scorer">What scores.</param>
    /// <param name="ordinal">Position of this stage among those in use.</param>
    /// <param name="stages">Number of stages in use.</param>
    /// <param name="join">Told of each score.</param>
    /// <param name="statistics">Told of times and crashes.</param>
    /// <param name="viewers">Shown what this stage did; null for nobody.</param>
    /// <param name="complete">Takes blocks that have all their scores.</param>
    /// <param name="logger">Told of crashes.</param>
    public ScoringStage(
        IScorer scorer,
        int ordinal,
        int stages,
        Join join,
        StatisticsWindow statistics,
        ViewerHub? viewers,
        Action<TweetBlock> complete,
        ILogger logger)
    {
        _scorer = scorer;
        _ordinal = ordinal;
        _stages = stages;
        _join = join;
        _statistics = statistics;
        _viewers = viewers;
        _complete = complete;
        _logger = logger;
    }

    /// <summary>What scores; may be exchanged at any time.</summary>
    public IScorer Scorer
    {
        get => _scorer;
        set => _scorer = value;
    }

    public int Count(BlockPart work) => work.Count;

    public int FindKill(BlockPart work, int start)
    {
        if (work.Block.KillCount == 0)
        {
            return -1;
        }

        var records = work.Records;
        for (var i = start; i < records.Length; i++)
        {
            // Every pool sees every message; the pools take turns in being crashed.
            if (records[i].Kind == RecordKind.Kill && (work.Block.FirstSequence + work.Start + i) % _stages == _ordinal)
            {
                return i;
            }
        }

        return -1;
    }

    public void Handle(BlockPart work, int start, int count, int worker)
    {
        var part = new BlockPart(work.Block, work.Start + start, count);
        var scorer = _scorer;
        scorer.Score(part);
        _viewers?.Show(part, worker);
        if (_join.Report(part, scorer.Stage))
        {
            _complete(work.Block);
        }
    }

    public void GiveUp(BlockPart work, int index, Exception reason) => LogGivenUp(_scorer.Stage, work.Block[work.Start + index].Id, reason);

    public void Finish(BlockPart work) => work.Block.Release();

    public void Crashed(int worker, Exception reason)
    {
        _statistics.Crashed();
        LogCrashed(_scorer.Stage, worker, reason.Message);
    }

    public void Worked(int count, TimeSpan elapsed) => _statistics.Worked(elapsed / Math.Max(1, count));

    // At debug level: the stream sends kill messages by the hundred; the status line counts them.
    [LoggerMessage(LogLevel.Debug, "{Stage} worker {Worker} crashed and was replaced: {Reason}")]
    private partial void LogCrashed(Stages stage, int worker, string reason);

    [LoggerMessage(LogLevel.Error, "{Stage}: tweet {Id} crashes its worker; it stays without this score")]
    private partial void LogGivenUp(Stages stage, long id, Exception reason);
}
