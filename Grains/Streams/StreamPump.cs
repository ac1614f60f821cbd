using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// Brings one stream to the partitions: events become blocks, blocks are scored, their tweets go to the partition each belongs to. How far
/// everything is durable is noted once in a while, and is where a successor goes on; two of them for a moment do no harm.
/// </summary>
#pragma warning disable CA1001 // Its cancellation sources are asked by whatever is still on its way; they hold nothing that has to be given back.
internal sealed partial class StreamPump : IEventSink
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly long _number;
    private readonly Uri _source;
    private readonly PipelineServices _services;
    private readonly TweetEventReader _reader;
    private readonly FlightWindow _window;
    private readonly PartitionLane[] _lanes;
    private readonly CancellationTokenSource _stopReading = new();
    private readonly CancellationTokenSource _stop;
    private readonly Guid _self = Guid.NewGuid();
    private PositionTracker _positions = new(null);
    private TweetBlock? _block;
    private long _blockSince;
    private string? _lastId;

    // A block waits for room; what is behind it must not overtake it.
    private bool _entering;

    // One that waited was given up when the stream was closed: nothing behind it may go on, or the position would.
    private bool _givenUp;
    private Task _handedOn = Task.CompletedTask;
    private long _stored;
    private volatile bool _connected;
    private volatile string? _trouble;

    /// <summary>A pump that is run by <see cref="RunAsync"/>.</summary>
    /// <param name="number">Number of the stream.</param>
    /// <param name="source">The tweet server.</param>
    /// <param name="services">What the silo has.</param>
    public StreamPump(long number, Uri source, PipelineServices services)
    {
        (_number, _source, _services) = (number, new Uri(source, $"/tweets/{number}"), services);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(services.Stopping);
        var options = services.Options;
        _reader = new TweetEventReader(services.Sequences, options.Reader);
        _window = new FlightWindow(options.MaxInFlight, options.MaxBytesInFlight);
        _lanes = new PartitionLane[options.TweetPartitions];
        for (var i = 0; i < _lanes.Length; i++)
        {
            var partition = services.Grains.GetGrain<ITweetGrain>(i);
            _lanes[i] = new PartitionLane(_self, request => partition.AddAsync(request, CancellationToken.None), options, services.Time, _stop.Token);
        }
    }

    /// <summary>How it goes.</summary>
    public StreamReport Report(string silo)
    {
        var read = _reader.Counters;
        return new StreamReport(
            _number, silo, _connected, _trouble ?? Array.Find(_lanes, lane => lane.Trouble is not null)?.Trouble, read.Tweets,
            read.Tweets + read.Retweeted + read.Quoted, read.Kills, read.Rejected + read.TooLong, Interlocked.Read(ref _stored), _window.Records,
            _positions.Position);
    }

    /// <inheritdoc/>
    public void Opened()
    {
        _connected = true;
        _trouble = null;
    }

    /// <inheritdoc/>
    public void Closed(string reason)
    {
        _connected = false;
        _trouble = reason;
        PipelineLog.StreamClosed(_services.Logger, _number, reason);
    }

    /// <inheritdoc/>
    public void Received(ReadOnlySpan<byte> data, string? id)
    {
        TweetBlock? full = null;
        string? last;
        lock (_gate)
        {
            if (_givenUp)
            {
                return;
            }

            last = _lastId;
            if (_block is not null && !_reader.TryAdd(_block, data))
            {
                full = Detach();
            }

            if (_block is null)
            {
                _block = _services.Blocks.Rent(data.Length);
                _blockSince = _services.Time.GetTimestamp();
                _reader.TryAdd(_block, data);
            }

            _lastId = id ?? _lastId;
            if (full is null && _block.Count >= _services.Options.BlockRecords)
            {
                full = Detach();
                last = _lastId;
            }

            _entering = full is not null;
        }

        if (full is not null)
        {
            Enter(full);
            Dispatch(full, last);
        }
    }

    private void Enter(TweetBlock block)
    {
        try
        {
            _window.Enter(block.Count, block.Capacity, _stopReading.Token);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _givenUp = true;
                _block?.Release();
                _block = null;
            }

            block.Release();
            throw;
        }
    }

    private TweetBlock Detach()
    {
        var block = _block!;
        _block = null;
        _reader.Seal(block);
        block.Stream = (int)_number;
        return block;
    }

    /// <summary>Sends a block on that has waited long enough for more, where there is room.</summary>
    private void Flush(TimeSpan older)
    {
        TweetBlock block;
        string? last;
        lock (_gate)
        {
            if (_entering || _block is null || _services.Time.GetElapsedTime(_blockSince) < older || !_window.TryEnter(_block.Count, _block.Capacity))
            {
                return;
            }

            (block, last) = (Detach(), _lastId);
            Dispatch(block, last);
        }
    }

    private void Dispatch(TweetBlock block, string? last)
    {
        PipelineMetrics.Read.Add(block.TweetCount);
        var handedOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _entering = false;
            var ticket = _positions.Begin(last);
            var before = _handedOn;
            _handedOn = handedOn.Task;
            _ = Task.Run(() => BringAsync(block, ticket, before, handedOn), CancellationToken.None);
        }
    }

    private async Task BringAsync(TweetBlock block, PositionTracker.Ticket ticket, Task before, TaskCompletionSource handedOn)
    {
        var (records, bytes, tweets) = (block.Count, block.Capacity, block.TweetCount);
        try
        {
            List<Task<bool>> arrivals;
            try
            {
                await _services.Desk.ScoreAsync(block, _stop.Token);

                // In the order in which they were read, so that of a tweet that comes again the latest is stored.
                await before;
                _services.Hashtags.Add(BlockPart.Of(block), _services.Time.GetUtcNow().ToUnixTimeMilliseconds());
                arrivals = HandOn(block);
            }
            finally
            {
                handedOn.SetResult();
                block.Release();
            }

            foreach (var arrival in arrivals)
            {
                if (!await arrival)
                {
                    PipelineLog.NotTaken(_services.Logger, _number);
                }
            }

            Interlocked.Add(ref _stored, tweets);
            _positions.Done(ticket);
        }
        catch (OperationCanceledException)
        {
            // It ends here; a successor reads this again.
        }
#pragma warning disable CA1031 // A mistake in the program: begin again behind what is stored.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            PipelineLog.PartitionBroken(_services.Logger, $"stream {_number}", exception);
            await _stop.CancelAsync();
        }
        finally
        {
            _window.Leave(records, bytes);
        }
    }

    private List<Task<bool>> HandOn(TweetBlock block)
    {
        var arrivals = new List<Task<bool>>();
        var latest = new Task<bool>?[_lanes.Length];
        for (var i = 0; i < block.Count; i++)
        {
            ref readonly var tweet = ref block[i];
            if (tweet.IsTweet)
            {
                var partition = Partition.Of(tweet.Id, _lanes.Length);
                var arrival = _lanes[partition].Add(block, tweet);
                if (!ReferenceEquals(latest[partition], arrival))
                {
                    latest[partition] = arrival;
                    arrivals.Add(arrival);
                }
            }
        }

        for (var i = 0; i < _lanes.Length; i++)
        {
            if (latest[i] is not null)
            {
                _lanes[i].Send();
            }
        }

        return arrivals;
    }
}
