namespace Rookery.Feed;

/// <summary>
/// Ids that grow with time, as Twitter makes them: milliseconds since <see cref="EpochMs"/>, 10 bits of machine, 12 bits of sequence.
/// The machine is the number of the stream, so two streams never make the same id.
/// </summary>
internal static class Snowflake
{
    /// <summary>Twitter's epoch in Unix milliseconds, 2010-11-04T01:42:54.657Z.</summary>
    public const long EpochMs = 1_288_834_974_657;

    private const int MachineShift = 12;
    private const int TimeShift = 22;

    public static long Id(long unixMilliseconds, int machine, int sequence)
    {
        return (Math.Max(0, unixMilliseconds - EpochMs) << TimeShift) | ((long)machine << MachineShift) | (uint)sequence;
    }
}
