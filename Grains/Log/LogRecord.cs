namespace Rookery.Grains;

/// <summary>What is stored under one key of a topic's log: a frame, a head (<see cref="LogHead"/>), or nothing (a tombstone).</summary>
[GenerateSerializer, Alias("Rookery.LogRecord")]
public sealed class LogRecord
{
    /// <summary>The bytes; none in a tombstone.</summary>
    [Id(0)]
    public byte[] Data { get; set; } = [];
}
