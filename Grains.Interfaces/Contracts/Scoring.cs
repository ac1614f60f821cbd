namespace Rookery.Grains.Interfaces;

/// <summary>Tweets to score, in the order in which they came, kill messages among them.</summary>
/// <param name="Items">What the stage needs of each, as its codec writes it.</param>
[GenerateSerializer, Immutable, Alias("Rookery.ScoreRequest")]
public sealed record ScoreRequest([property: Id(0)] byte[] Items);

/// <summary>Their scores.</summary>
/// <param name="Scores">One after the other, as the codec of the stage writes them.</param>
[GenerateSerializer, Immutable, Alias("Rookery.ScoreReply")]
public sealed record ScoreReply([property: Id(0)] byte[] Scores);

/// <summary>A kill message has crashed the worker that drew it. What it had done before is not lost.</summary>
[GenerateSerializer, Alias("Rookery.WorkerCrashedException")]
public sealed class WorkerCrashedException : Exception
{
    /// <summary>Without what was done.</summary>
    public WorkerCrashedException()
        : this("the worker crashed")
    {
    }

    /// <summary>With a reason.</summary>
    public WorkerCrashedException(string message)
        : base(message)
    {
    }

    /// <summary>With a reason and its cause.</summary>
    public WorkerCrashedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>After some of the work was done.</summary>
    /// <param name="done">Tweets before the kill message, all of them scored.</param>
    /// <param name="scores">Their scores.</param>
    public WorkerCrashedException(int done, byte[] scores)
        : this("the worker crashed: it drew a kill message") => (Done, Scores) = (done, scores);

    /// <summary>Tweets scored before it crashed; the kill message is the item behind them.</summary>
    [Id(0)]
    public int Done { get; private set; }

    /// <summary>Their scores.</summary>
    [Id(1)]
    public byte[] Scores { get; private set; } = [];
}
