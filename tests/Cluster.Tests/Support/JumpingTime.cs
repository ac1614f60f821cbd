namespace Rookery.Cluster.Tests;

/// <summary>The system's clock, for a process that can be made to believe that it stood still for a while.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private long _jumped;
    private long _slept;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _jumped) + Interlocked.Read(ref _slept));

    public override long GetTimestamp() => base.GetTimestamp() + (long)(TimeSpan.FromTicks(Interlocked.Read(ref _jumped)).TotalSeconds * TimestampFrequency);

    /// <summary>The process stood still.</summary>
    public void Jump(TimeSpan time) => Interlocked.Add(ref _jumped, time.Ticks);

    /// <summary>The machine was suspended: the steady clock has seen nothing of it.</summary>
    public void Sleep(TimeSpan time) => Interlocked.Add(ref _slept, time.Ticks);
}
