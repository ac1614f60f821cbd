namespace Rookery.Grains;

/// <summary>
/// A moment by both clocks. The steady one stands still while the machine is suspended; the other one goes on, but may be set. A time that
/// must not be taken for shorter than it was is the longer of the two.
/// </summary>
internal readonly record struct Moment(long Timestamp, DateTimeOffset Clock)
{
    public static Moment Now(TimeProvider time) => new(time.GetTimestamp(), time.GetUtcNow());

    /// <summary>The time since then, with what the machine has slept. A clock that was set forward makes it too long.</summary>
    public TimeSpan Elapsed(TimeProvider time)
    {
        var (steady, clock) = (time.GetElapsedTime(Timestamp), time.GetUtcNow() - Clock);
        return clock > steady ? clock : steady;
    }
}
