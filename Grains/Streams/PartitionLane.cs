using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// The way of one reader to one partition: one request at a time, sent until it is done, and what comes meanwhile goes with the next. So
/// requests grow with the load, and tweets arrive in the order in which they were read. For any number of threads.
/// </summary>
internal sealed class PartitionLane(
    Guid reader, Func<AddTweets, Task<AddReply>> send, PipelineOptions options, TimeProvider time, CancellationToken stop)
{
    private const int MostBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<Load> _loads = new();
    private Load? _open;
    private bool _sending;
    private long _number;
    private volatile string? _trouble;

    /// <summary>Why nothing arrives at present; null: it does.</summary>
    public string? Trouble => _trouble;

    /// <summary>Puts a tweet in; follow with <see cref="Send"/>.</summary>
    /// <returns>Completes when it is durable, with false where the partition cannot read it.</returns>
    public Task<bool> Add(TweetBlock block, in TweetRecord tweet)
    {
        lock (_gate)
        {
            if (_open is null || _open.Count >= options.LaneRecords || _open.Writer.Length >= MostBytes)
            {
                _loads.Enqueue(_open = new Load());
            }

            TweetCodec.Write(_open.Writer, block, tweet, options.KeepOriginals);
            _open.Count++;
            return _open.Done.Task;
        }
    }

    /// <summary>Sends what there is, unless that happens already.</summary>
    public void Send()
    {
        lock (_gate)
        {
            if (_sending || _loads.Count == 0)
            {
                return;
            }

            _sending = true;
        }

        _ = SendAsync();
    }

    private async Task SendAsync()
    {
        while (Next() is { } load)
        {
            var request = new AddTweets(reader, ++_number, load.Writer.ToArray());
            load.Writer.Dispose();
            try
            {
                load.Done.SetResult(await SendAsync(request));
            }
            catch (OperationCanceledException)
            {
                load.Done.TrySetCanceled(stop);
            }
        }
    }

    private Load? Next()
    {
        lock (_gate)
        {
            if (!_loads.TryDequeue(out var load))
            {
                _sending = false;
                return null;
            }

            _open = ReferenceEquals(load, _open) ? null : _open;
            return load;
        }
    }

    private async Task<bool> SendAsync(AddTweets request)
    {
        var backOff = new BackOff(options.Retry.First, options.Retry.Longest);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var reply = await TryAsync(request);
            _trouble = reply.Status is AddStatus.Unavailable or AddStatus.Refused ? reply.Detail : null;
            switch (reply.Status)
            {
                case AddStatus.Done:
                    return true;
                case AddStatus.Refused:
                    return false;
                case AddStatus.Unavailable:
                    await Task.Delay(backOff.Next(), time, stop);
                    break;
                default:
                    backOff.Reset();
                    break;
            }
        }
    }

    private async Task<AddReply> TryAsync(AddTweets request)
    {
        try
        {
            return await send(request);
        }
#pragma warning disable CA1031 // Whatever went wrong on the way: it is sent again, and recognised if it had arrived.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            return new AddReply(AddStatus.Unavailable, exception.Message);
        }
    }

    /// <summary>What goes in one request.</summary>
    private sealed class Load
    {
        public FlatWriter Writer { get; } = new(4096);

        public int Count { get; set; }

        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
