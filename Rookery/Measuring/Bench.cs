using System.Buffers.Text;
using System.Diagnostics;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>What a measurement does.</summary>
internal sealed record BenchLoad
{
    public required int Events { get; init; }

    public required int Single { get; init; }

    public required int Size { get; init; }

    public required int Subscribers { get; init; }
}

/// <summary>
/// Measures a broker through its clients: first as many events as are confirmed, many under way at a time, for the rates; then
/// one at a time, each after the one before was confirmed and delivered everywhere, for the latency without queues. Publisher
/// and subscribers are of this process and share its processors with each other, and with a broker on this machine.
/// </summary>
internal sealed class Bench(RookeryClientOptions options, BenchLoad load) : IAsyncDisposable
{
    private const int UnderWay = 4_096;
    private const int Window = 4_096;

    private readonly string _topic = $"bench.{Guid.CreateVersion7():N}";
    private readonly List<BenchSubscriber> _subscribers = [];
    private RookeryClient? _publisher;

    /// <param name="progress">Is told the part that is done, and what is being done.</param>
    /// <param name="stop">Ends it early.</param>
    public async Task<BenchResult> RunAsync(Action<double, string> progress, CancellationToken stop)
    {
        _publisher = await RookeryClient.ConnectAsync(options, stop);
        for (var i = 0; i < load.Subscribers; i++)
        {
            _subscribers.Add(await BenchSubscriber.StartAsync(options, _topic, Window, stop));
        }

        var (server, durability) = await AskAsync(_publisher, stop);
        var (published, delivered) = await FloodAsync(_publisher, progress, stop);
        var (confirms, deliveries) = await SingleAsync(_publisher, progress, stop);
        return new BenchResult
        {
            Server = server,
            Address = $"{options.Host}:{options.Port}",
            Durability = durability,
            Load = load,
            Published = published,
            Delivered = load.Subscribers == 0 ? null : delivered,
            Confirm = BenchTimes.Of(confirms),
            Delivery = load.Subscribers == 0 ? null : BenchTimes.Of(deliveries),
        };
    }

    /// <summary>Drops the topic.</summary>
    /// <returns>What is left, and why; null where nothing is.</returns>
    public async Task<string?> CleanAsync()
    {
        if (_publisher is null)
        {
            return null;
        }

        try
        {
            await _publisher.DropAsync(_topic).WaitAsync(TimeSpan.FromSeconds(30));
            return null;
        }
        catch (RookeryException refused) when (refused.Message.StartsWith("no topic ", StringComparison.Ordinal))
        {
            return null;
        }
        catch (Exception failed) when (failed is RookeryException or TimeoutException)
        {
            return $"topic {_topic} is left: {failed.Message.TrimEnd('.')}. End it with: rookery drop {_topic}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CleanAsync();
        foreach (var subscriber in _subscribers)
        {
            await subscriber.DisposeAsync();
        }

        if (_publisher is not null)
        {
            await _publisher.DisposeAsync();
        }
    }

    // Figures are for administrators; a measurement is for everybody.
    private static async Task<(string Server, string Durability)> AskAsync(RookeryClient client, CancellationToken stop)
    {
        try
        {
            using var stats = await client.StatsAsync(null, stop);
            return (stats.RootElement.GetProperty("server").GetString()!, stats.RootElement.GetProperty("durability").GetString()!);
        }
        catch (RookeryException refused) when (refused is not RookeryConnectionException)
        {
            return ("unknown", "unknown");
        }
    }

    private async Task<(TimeSpan Published, TimeSpan Delivered)> FloodAsync(RookeryClient publisher, Action<double, string> progress, CancellationToken stop)
    {
        var all = _subscribers.Select(s => s.ReceivedAsync(load.Events)).ToList();
        var start = Stopwatch.GetTimestamp();
        var underWay = new Queue<Task<PublishReceipt>>(UnderWay);
        for (var i = 0; i < load.Events; i++)
        {
            if (underWay.Count == UnderWay)
            {
                await underWay.Dequeue().WaitAsync(stop);
            }

            underWay.Enqueue(PublishAsync(publisher, i, stop));
            if (i % 256 == 0)
            {
                progress((double)i / load.Events, "publishing");
            }
        }

        await Task.WhenAll(underWay).WaitAsync(stop);
        var published = Stopwatch.GetElapsedTime(start);
        progress(1, "delivering");
        await Task.WhenAll(all).WaitAsync(stop);
        return (published, Stopwatch.GetElapsedTime(start));
    }

    private async Task<(List<double> Confirms, List<double> Deliveries)> SingleAsync(RookeryClient publisher, Action<double, string> progress, CancellationToken stop)
    {
        var (confirms, deliveries) = (new List<double>(load.Single), new List<double>(load.Single * load.Subscribers));
        for (var i = 0; i < load.Single; i++)
        {
            var all = _subscribers.Select(s => s.ReceivedAsync(1)).ToList();
            var start = Stopwatch.GetTimestamp();
            await PublishAsync(publisher, load.Events + i, stop).WaitAsync(stop);
            confirms.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            foreach (var received in all)
            {
                deliveries.Add(Stopwatch.GetElapsedTime(start, await received.WaitAsync(stop)).TotalMilliseconds);
            }

            progress((double)i / load.Single, "one at a time");
        }

        return (confirms, deliveries);
    }

    private Task<PublishReceipt> PublishAsync(RookeryClient publisher, int number, CancellationToken stop)
    {
        // A text of the wanted size, with its quotes; each another one, or a broker that packs would look better than it is.
        var message = new byte[load.Size];
        message.AsSpan().Fill((byte)'.');
        message[0] = message[^1] = (byte)'"';
        Utf8Formatter.TryFormat(number, message.AsSpan(1), out _);
        return publisher.PublishAsync(_topic, number.ToString(System.Globalization.CultureInfo.InvariantCulture), message, cancellationToken: stop).AsTask();
    }
}
