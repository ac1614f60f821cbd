using System.Collections.Concurrent;
using System.Globalization;
using Rookery.Grains;

namespace Rookery.Cluster.Tests;

/// <summary>Streams of numbered events that go on where a reader asks, and end when the events do: then it waits for more.</summary>
internal sealed class FakeStreams : IEventStream
{
    private readonly ConcurrentDictionary<string, List<byte[]>> _events = new();
    private readonly ConcurrentDictionary<string, int> _readers = new();
    private long _sent;

    /// <summary>Events sent to all readers.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Where readers began: stream and the event before.</summary>
    public ConcurrentQueue<(string Stream, string? Last)> Begun { get; } = new();

    /// <summary>Readers there are now of one stream.</summary>
    public int ReadersOf(int stream) => _readers.GetValueOrDefault($"/tweets/{stream}");

    /// <summary>How long a reader waits between two events.</summary>
    public TimeSpan Pace { get; set; }

    public void Add(int stream, params IEnumerable<byte[]> events)
    {
        var list = _events.GetOrAdd($"/tweets/{stream}", _ => []);
        lock (list)
        {
            list.AddRange(events);
        }
    }

    public async Task RunAsync(Uri stream, string? lastEventId, IEventSink sink, CancellationToken cancellationToken)
    {
        var path = stream.AbsolutePath;
        Begun.Enqueue((path, lastEventId));
        _readers.AddOrUpdate(path, 1, (_, count) => count + 1);
        try
        {
            sink.Opened();
            var list = _events.GetOrAdd(path, _ => []);
            for (var at = lastEventId is null ? 0 : int.Parse(lastEventId, CultureInfo.InvariantCulture); ; at++)
            {
                byte[]? next;
                while (true)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    lock (list)
                    {
                        next = at < list.Count ? list[at] : null;
                    }

                    if (next is not null)
                    {
                        break;
                    }

                    await Task.Delay(10, cancellationToken);
                }

                Interlocked.Increment(ref _sent);
                sink.Received(next, $"{at + 1}");
                if (Pace > TimeSpan.Zero)
                {
                    await Task.Delay(Pace, cancellationToken);
                }
            }
        }
        finally
        {
            _readers.AddOrUpdate(path, 0, (_, count) => count - 1);
        }
    }
}
