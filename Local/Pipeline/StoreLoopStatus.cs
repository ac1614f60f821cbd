namespace Rookery.Local;

/// <summary>Figures of the writing of the store, since the start.</summary>
/// <param name="Stored">Rows of tweets written: inserted or updated.</param>
/// <param name="Inserted">Of these, new tweets.</param>
/// <param name="Users">Rows of users written.</param>
/// <param name="Batches">Batches written.</param>
/// <param name="LastBatch">Records in the last one.</param>
/// <param name="BatchSize">Records the next one may hold.</param>
/// <param name="Failures">Writes that failed and were repeated.</param>
/// <param name="Rejected">Tweets the store refused for good, each found by halving its batch; the rest of the batch is stored.</param>
/// <param name="Paused">An operator paused it.</param>
/// <param name="Down">Why the store cannot write at present; null where it can.</param>
/// <param name="Repeats">Records that came more than once in a batch, of which the latest was written: what was scored is stored, a repeat, or rejected.</param>
/// <param name="LastTime">How long the last batch took to write.</param>
public sealed record StoreLoopStatus(
    long Stored,
    long Inserted,
    long Users,
    long Batches,
    int LastBatch,
    int BatchSize,
    long Failures,
    long Rejected,
    bool Paused,
    string? Down,
    long Repeats,
    TimeSpan LastTime);
