using System.Collections.Concurrent;
using System.Text;
using Rookery.Grains;

namespace Rookery.Cluster.Tests;

/// <summary>Keeps what a stream of events brings.</summary>
internal sealed class StreamSink : IEventSink
{
    public ConcurrentQueue<string> Events { get; } = [];

    public ConcurrentQueue<string?> Ids { get; } = [];

    public ConcurrentQueue<string> Reasons { get; } = [];

    public ManualResetEventSlim? Wait { get; init; }

    public bool IsWaiting { get; private set; }

    public void Opened()
    {
    }

    public void Received(ReadOnlySpan<byte> data, string? id)
    {
        IsWaiting = true;
        Wait?.Wait(Recorder.Deadline);
        Events.Enqueue(Encoding.UTF8.GetString(data));
        Ids.Enqueue(id);
    }

    public void Closed(string reason) => Reasons.Enqueue(reason);

    public Task UntilAsync(Func<bool> holds, string what) =>
        Eventually.HoldsAsync(holds, () => $"{what}; {Events.Count} events; {string.Join("; ", Reasons)}");
}
