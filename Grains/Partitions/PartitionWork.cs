using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>What a grain keeps running.</summary>
internal interface IPartition
{
    /// <summary>Whether it has ended: another activation may take over.</summary>
    bool HasEnded { get; }

    /// <summary>Works until closed, fenced or cancelled. Once.</summary>
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Takes no more; <see cref="RunAsync"/> ends when what was taken is written.</summary>
    void Close();
}

/// <summary>
/// The frame of a partition: what it is handed, by whom and with which number, so that the same said again is recognised, until it is
/// durable or the partition ends. Handing over is for any number of threads.
/// </summary>
internal abstract class PartitionWork<TFrom, TItem> : IPartition
    where TFrom : notnull
{
    private const int ManySenders = 64;
    private static readonly AddReply Moves = new(AddStatus.Unavailable, "the partition moves to another silo");
    private static readonly TimeSpan Forget = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Channel<(TFrom From, Submission<List<TItem>> Work)> _inbox = Channel.CreateUnbounded<(TFrom, Submission<List<TItem>>)>();
    private readonly Dictionary<TFrom, Submission<List<TItem>>> _last = [];
    private volatile bool _ended;
    private volatile AddReply _farewell = Moves;

    /// <param name="name">What logs call it.</param>
    /// <param name="record">Where it notes what it is about to do.</param>
    /// <param name="options">How the pipeline is set up.</param>
    /// <param name="pause">Whether an operator has paused the writing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where it logs.</param>
    protected PartitionWork(string name, IStateRecord record, PipelineOptions options, PauseSwitch pause, TimeProvider time, ILogger logger)
    {
        (Name, Record, Options, Time, Logger) = (name, record, options, time, logger);
        Attempts = new StoreAttempts(name, options, pause, time, logger);
    }

    /// <inheritdoc/>
    public bool HasEnded => _ended;

    protected string Name { get; }

    protected IStateRecord Record { get; }

    protected PipelineOptions Options { get; }

    protected StoreAttempts Attempts { get; }

    protected TimeProvider Time { get; }

    protected ILogger Logger { get; }

    /// <summary>Names this activation.</summary>
    protected Guid Self { get; } = Guid.NewGuid();

    /// <summary>What was handed over and is not done, in the order in which it came.</summary>
    protected ChannelReader<(TFrom From, Submission<List<TItem>> Work)> Inbox => _inbox.Reader;

    /// <inheritdoc/>
    public void Close() => _inbox.Writer.TryComplete();

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WorkAsync(cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            // What is stored cannot be read by this program: whoever hands something over hears that, again and again.
            _farewell = new AddReply(AddStatus.Unavailable, exception.Message);
            PipelineLog.PartitionEnded(Logger, Name, exception.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            PipelineLog.PartitionLeft(Logger, Name);
        }
        catch (Exception exception) when (exception is FencedException or StoreUnavailableException or OperationCanceledException)
        {
            PipelineLog.PartitionEnded(Logger, Name, exception.Message);
        }
#pragma warning disable CA1031 // Nothing in memory is trusted any more; what is stored is.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            PipelineLog.PartitionBroken(Logger, Name, exception);
        }
        finally
        {
            End();
        }
    }

    /// <summary>Recovers, then brings into the store what is handed over, until closed.</summary>
    protected abstract Task WorkAsync(CancellationToken cancellationToken);

    /// <summary>Hands work over, or asks about that handed over before.</summary>
    /// <param name="from">By whom.</param>
    /// <param name="number">Grows; one at a time, which is sent again until it is done.</param>
    /// <param name="bytes">The work.</param>
    /// <param name="read">Reads it; throws <see cref="InvalidDataException"/>.</param>
    protected async Task<AddReply> TakeAsync(TFrom from, long number, byte[] bytes, Func<byte[], List<TItem>> read)
    {
        Submission<List<TItem>>? submission;
        lock (_gate)
        {
            if (_last.TryGetValue(from, out submission) && number < submission.Number)
            {
                // The sender has gone on, so it knows already; a late repeat.
                return AddReply.Done;
            }

            if (submission is null || number > submission.Number)
            {
                List<TItem> items;
                try
                {
                    items = read(bytes);
                }
                catch (InvalidDataException)
                {
                    return new AddReply(AddStatus.Refused, "it cannot be read");
                }

                submission = new Submission<List<TItem>>(number, items, bytes.Length);
                if (!_inbox.Writer.TryWrite((from, submission)))
                {
                    return _farewell;
                }

                ForgetSilent();
                _last[from] = submission;
            }
            else
            {
                PipelineMetrics.Repeats.Add(1);
            }

            submission.HeardAt = Time.GetTimestamp();
        }

        return await submission.AnswerAsync(Options.AnswerWithin, Time, () => Attempts.Trouble);
    }

    /// <summary>Tells those who handed work over that it is durable.</summary>
    protected static void Complete(List<Submission<List<TItem>>> taken)
    {
        foreach (var one in taken)
        {
            one.Complete(AddReply.Done);

            // Its number is remembered for as long as its sender lives; what was in it need not be.
            one.Work.Clear();
        }

        taken.Clear();
    }

    private void End()
    {
        Close();
        lock (_gate)
        {
            _ended = true;
            foreach (var submission in _last.Values)
            {
                submission.Complete(_farewell);
            }

            while (_inbox.Reader.TryRead(out var left))
            {
                left.Work.Complete(_farewell);
            }
        }
    }

    private void ForgetSilent()
    {
        // Each sender hands over one request at a time, so there are no more than senders; those that ended are forgotten.
        if (_last.Count >= ManySenders)
        {
            foreach (var (from, _) in _last.Where(one => Time.GetElapsedTime(one.Value.HeardAt) > Forget).ToList())
            {
                _last.Remove(from);
            }
        }
    }
}
