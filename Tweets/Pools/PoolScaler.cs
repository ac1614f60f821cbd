namespace Rookery.Tweets;

/// <summary>Decides how many workers a pool should have. Pure: the host asks at intervals and does as it is told.</summary>
public sealed class PoolScaler
{
    /// <summary>A scaler that has seen nothing yet.</summary>
    public PoolScaler(PoolScalerOptions? options = null) => throw new NotImplementedException();

    /// <summary>How many workers there should be now.</summary>
    /// <param name="workers">Workers there are, those that drain not counted.</param>
    /// <param name="waiting">Pieces of work that wait or are being worked on, of the whole pool.</param>
    /// <param name="now">The time, in milliseconds of any steady clock.</param>
    public int Target(int workers, long waiting, long now) => throw new NotImplementedException();
}
