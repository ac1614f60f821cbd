using System.Diagnostics;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>One subscriber with a connection of its own: counts, acknowledges, and notes when the awaited one came.</summary>
internal sealed class BenchSubscriber : IAsyncDisposable
{
    private readonly RookeryClient _client;
    private readonly Lock _gate = new();
    private readonly Task _reading;
    private TaskCompletionSource<long>? _waiting;
    private long _received;
    private long _wanted;
    private Exception? _ended;

    private BenchSubscriber(RookeryClient client, Subscription subscription)
    {
        _client = client;
        _reading = Task.Run(() => ReadAsync(subscription));
    }

    public static async Task<BenchSubscriber> StartAsync(RookeryClientOptions options, string topic, int window, CancellationToken stop)
    {
        var client = await RookeryClient.ConnectAsync(options, stop);
        return new BenchSubscriber(client, await client.SubscribeAsync(topic, new SubscribeOptions { Window = window }, stop));
    }

    /// <summary>Completes when so many more have come, with the time stamp of the last.</summary>
    public Task<long> ReceivedAsync(int more)
    {
        lock (_gate)
        {
            _wanted += more;
            _waiting = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_ended is { } end)
            {
                _waiting.SetException(end);
            }

            return _waiting.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync(Subscription subscription)
    {
        try
        {
            await foreach (var _ in subscription)
            {
                var now = Stopwatch.GetTimestamp();
                lock (_gate)
                {
                    if (++_received == _wanted)
                    {
                        _waiting?.TrySetResult(now);
                    }
                }
            }
        }
        catch (RookeryException lost)
        {
            lock (_gate)
            {
                _ended = lost;
                _waiting?.TrySetException(lost);
            }
        }
    }
}
