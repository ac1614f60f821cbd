namespace Rookery.Local;

/// <summary>What the workers of a pool do with their work: a batch of items.</summary>
internal interface IPoolHandler<TWork>
{
    /// <summary>Number of items in a batch.</summary>
    int Count(TWork work);

    /// <summary>Position of the first kill message among the items from <paramref name="start"/> on; −1 where there is none.</summary>
    int FindKill(TWork work, int start);

    /// <summary>Does the work on some items. What it throws ends the worker.</summary>
    void Handle(TWork work, int start, int count, int worker);

    /// <summary>Gives up one item: a worker crashed on it alone.</summary>
    void GiveUp(TWork work, int index, Exception reason);

    /// <summary>Nobody will touch this batch any more. Called once per batch.</summary>
    void Finish(TWork work);

    /// <summary>A worker crashed and was replaced.</summary>
    void Crashed(int worker, Exception reason);

    /// <summary>Work on so many items took so long.</summary>
    void Worked(int count, TimeSpan elapsed);
}

/// <summary>A worker drew a kill message.</summary>
internal sealed class KillMessageException() : Exception("the worker drew a kill message");
