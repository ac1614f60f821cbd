using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// Keeps the journal and the shells that stand on it: opens it, gives every topic a shell that replayed it, and when it
/// fails discards all of them, reopens the journal, and gives the topics new ones, with growing pauses between attempts.
/// Meanwhile commands are refused. Sessions stay, and what they had in flight is delivered again.
/// </summary>
internal sealed partial class JournalKeeper : IJournalListener, IMailboxOwner, IAsyncDisposable
{
    private const string FullDisk = "the broker cannot store at present: the disk is full; try again later";
    private const string ShuttingDown = "the broker is shutting down";
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly Counter<long> RecoveriesCounter = JournalMetrics.Meter.CreateCounter<long>("rookery.broker.recoveries");

    private readonly LocalBrokerOptions _options;
    private readonly Func<IJournalFiles> _openFiles;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private SharedJournal? _journal;
    private Dictionary<TopicName, TopicShell> _replayed = [];
    private FrameCache _cache;
    private Task _recovery = Task.CompletedTask;
    private TimeSpan _delay;
    private long _recoveredAt;
    private int _recoveries;
    private bool _draining;
    private volatile string? _whyUnavailable = "the broker is starting";
    private BrokerTotals _discarded;

    public JournalKeeper(LocalBrokerOptions options, Func<IJournalFiles> openFiles, TimeProvider time, ILogger logger)
    {
        (_options, _openFiles, _time, _logger) = (options, openFiles, time, logger);
        _cache = new FrameCache(options.CacheBytes);
        _resting = new RestingTopics(options.Limits);
        Topics = new TopicTable(this, time);
        Traces = new DeliveryTraces(time);
    }

    public TopicTable Topics { get; }

    public JournalMetrics Metrics { get; } = new();

    public DeliveryTraces Traces { get; }

    /// <summary>What was found when the journal was opened last.</summary>
    public RecoveryReport? Report => _journal?.Report;

    /// <summary>Times all topics were recovered because the journal failed.</summary>
    public int Recoveries
    {
        get => Volatile.Read(ref _recoveries);
        private set => Volatile.Write(ref _recoveries, value);
    }

    /// <summary>Whether commands are executed at present.</summary>
    public bool IsServing => _whyUnavailable is null;

    public string WhyUnavailable => _whyUnavailable ?? "the broker is recovering; try again later";

    public string? WhyNoPublishes => _journal is { IsLow: true } ? FullDisk : null;

    /// <summary>What shells counted, those that were discarded included.</summary>
    public BrokerTotals Totals
    {
        get
        {
            lock (_gate)
            {
                var totals = _discarded;
                foreach (var mailbox in Topics.All)
                {
                    totals = totals.Plus(mailbox.Shell);
                }

                return totals;
            }
        }
    }

    /// <summary>Lets the frames go that are kept in memory.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            _cache.Clear();
        }
    }

    /// <summary>Opens the journal for the first time; completes when every topic is recovered.</summary>
    /// <exception cref="OperationCanceledException">It was given up while the journal was read.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        OpenJournal(after: null, cancellationToken);
        return InstallAsync();
    }

    /// <summary>A topic's mailbox, made if there is none.</summary>
    /// <returns>Null, and why, where there are too many topics or none can be made at present.</returns>
    public TopicMailbox? GetOrCreate(TopicName topic, out CommandResult refusal)
    {
        refusal = default;
        if (Topics.Find(topic) is { IsClosed: false } existing)
        {
            return existing;
        }

        lock (_gate)
        {
            if (!IsServing || _journal is null)
            {
                refusal = new CommandResult { Outcome = Outcome.Unavailable, Detail = WhyUnavailable };
                return null;
            }

            if (Topics.Find(topic) is null && Topics.Count >= _options.Limits.MaxTopics)
            {
                var why = $"the broker holds {Topics.Count} topics, and no more are allowed";
                refusal = new CommandResult { Outcome = Outcome.Refused, Detail = why };
                return null;
            }

            return Begin(topic, _journal, then: null);
        }
    }

    /// <inheritdoc/>
    public void Failed(TopicShell? shell, JournalException cause) => Recover(cause);

    void IJournalListener.Failed(JournalFailure failure) => Recover(failure.Cause);

    void IJournalListener.Recovered(TopicJournal topic, long address, ReadOnlyMemory<byte> records)
    {
        if (!_replayed.TryGetValue(topic.Topic, out var shell))
        {
            shell = NewShell(Topics.GetOrAdd(topic.Topic), topic);
            _replayed.Add(topic.Topic, shell);
        }

        try
        {
            shell.Replay(address, records.Span);
        }
        catch (InvalidDataException exception)
        {
            var (file, offset) = (SegmentName.Of(FrameAddress.SegmentOf(address)), FrameAddress.OffsetOf(address));
            throw new InvalidDataException($"{file}, offset {offset}, topic {topic.Topic}: {exception.Message}", exception);
        }
    }

    /// <summary>Refuses what comes from now on; completes when what came before is complete, or the time is over.</summary>
    public async Task DrainAsync()
    {
        lock (_gate)
        {
            _draining = true;
            _whyUnavailable = ShuttingDown;
        }

        try
        {
            await Task.WhenAll(Topics.All.Select(mailbox => mailbox.WhenIdle())).WaitAsync(_options.StopTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            BrokerLog.DrainTimedOut(_logger, _options.StopTimeout);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task recovery;
        lock (_gate)
        {
            _draining = true;
            _whyUnavailable = ShuttingDown;
            recovery = _recovery;
        }

        await recovery.ConfigureAwait(false);
        _journal?.Dispose();
        await DiscardAsync().ConfigureAwait(false);
        Topics.Dispose();
        _stopping.Dispose();
    }

    private TopicShell NewShell(TopicMailbox mailbox, TopicJournal journal)
    {
        TopicShell? shell = null;

        void Post(Action action) => mailbox.Post(new ShellAction(shell!, action));

        shell = new TopicShell(mailbox.Topic, _options.Limits, journal, _cache, _time, Post, cause => Failed(shell, cause));
        return shell;
    }
}
