namespace Rookery.Cluster.Tests;

/// <summary>The system's clock, for a process that can be made to believe that it stood still for a while.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private long _jumped;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _jumped));

    public override long GetTimestamp() => base.GetTimestamp() + (long)(TimeSpan.FromTicks(Interlocked.Read(ref _jumped)).TotalSeconds * TimestampFrequency);

    public void Jump(TimeSpan time) => Interlocked.Add(ref _jumped, time.Ticks);
}
