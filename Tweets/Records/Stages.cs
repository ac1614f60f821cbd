namespace Rookery.Tweets;

/// <summary>The stages that score a record, as a set.</summary>
[Flags]
public enum Stages : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Sentiment of the text.</summary>
    Sentiment = 1,

    /// <summary>Engagement of the readers.</summary>
    Engagement = 2,

    /// <summary>Censored text.</summary>
    Censor = 4,

    /// <summary>Each of them.</summary>
    All = Sentiment | Engagement | Censor,
}
