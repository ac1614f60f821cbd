namespace Rookery.Wire;

/// <summary>What has to happen after a line was read.</summary>
internal enum Step
{
    /// <summary>Read the next line.</summary>
    Next,

    /// <summary>Open a session, then read this line again.</summary>
    Open,

    /// <summary>Open a session for <see cref="CommandReader.Greeted"/> and answer.</summary>
    Hello,

    /// <summary>Execute and answer it before anything else is read: a listing is large, and there is one at a time.</summary>
    List,

    /// <summary>Once every earlier command is done, answer <see cref="CommandReader.Question"/>.</summary>
    Ask,

    /// <summary>Read no more, and close once all is answered.</summary>
    Close,
}

/// <summary>What a client asked for.</summary>
/// <param name="Kind">Which figures.</param>
/// <param name="Topic">Of which topic; default: of all.</param>
internal readonly record struct Question(QuestionKind Kind, Broker.TopicName Topic);

/// <summary>Which figures a client asked for.</summary>
internal enum QuestionKind
{
    Topics,
    Topic,
    Broker,
}
