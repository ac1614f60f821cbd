namespace Rookery.Tweets;

/// <summary>One stage of scoring. Holds nothing that changes, so any number of workers may share one.</summary>
public interface IScorer
{
    /// <summary>The one stage it is.</summary>
    Stages Stage { get; }

    /// <summary>Scores the tweets among some records, writing its own fields of them; kill messages are passed over.</summary>
    void Score(in BlockPart part);
}
