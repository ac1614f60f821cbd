using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Tasks.Sources;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// The way of one batch through a topic: its place in the mailbox, what the shell tells when it is done, and what the session
/// awaits; all in one object, which is pooled.
/// </summary>
internal sealed class BatchRun : MailboxItem, IBatchCompletion, IValueTaskSource
{
    private const int MaxPooled = 1024;
    private const string UnknownDetail = "the topic had to be recovered; it may or may not have been executed";
    private static readonly Counter<long> RefusedCounter = JournalMetrics.Meter.CreateCounter<long>("rookery.broker.batches_refused");
    private static readonly Counter<long> UnknownCounter = JournalMetrics.Meter.CreateCounter<long>("rookery.broker.batches_unknown");
    private static readonly ConcurrentQueue<BatchRun> Pool = new();

    // Continuations are posted: they must not hold up the topic.
    private ManualResetValueTaskSourceCore<bool> _completion = new() { RunContinuationsAsynchronously = true };
    private TopicMailbox? _mailbox;
    private long _began;

    private BatchRun()
    {
    }

    public TopicCommands Commands { get; private set; } = null!;

    public TopicLink Link { get; private set; } = null!;

    /// <summary>Where it stands among those that its topic has not completed; the mailbox's.</summary>
    public int Place { get; set; }

    /// <summary>Sends a batch to its topic; false where the mailbox is closed and another has to be found.</summary>
    public static bool TryStart(TopicLink link, TopicCommands commands, out ValueTask result)
    {
        var run = Pool.TryDequeue(out var pooled) ? pooled : new BatchRun();
        (run.Link, run.Commands) = (link, commands);
        run._began = BrokerMeters.AreTimesWanted ? Stopwatch.GetTimestamp() : 0;
        result = new ValueTask(run, run._completion.Version);
        if (link.Mailbox.Post(run))
        {
            return true;
        }

        run.Return();
        return false;
    }

    /// <summary>Answers every command of a batch that certainly is not executed.</summary>
    public static void Refuse(TopicCommands commands, string why)
    {
        RefusedCounter.Add(1);
        foreach (ref var result in commands.Results)
        {
            result = new CommandResult { Outcome = Outcome.Unavailable, Detail = why };
        }
    }

    public override void Run(TopicMailbox mailbox)
    {
        if (Link.IsDetached)
        {
            Refuse(LocalSession.Ended);
            return;
        }

        _mailbox = mailbox;
        mailbox.Execute(this);
    }

    /// <inheritdoc/>
    public void Complete(TopicCommands commands)
    {
        if (_began != 0)
        {
            BrokerMeters.Took(Stopwatch.GetElapsedTime(_began));
        }

        _mailbox?.Completed(this);
        _completion.SetResult(true);
    }

    /// <summary>Completes it without having been executed.</summary>
    public void Refuse(string why)
    {
        Refuse(Commands, why);
        _completion.SetResult(true);
    }

    /// <summary>Completes it where the shell that had it is gone.</summary>
    public void Abandon()
    {
        UnknownCounter.Add(1);
        foreach (ref var result in Commands.Results)
        {
            result = new CommandResult { Outcome = Outcome.Unknown, Detail = UnknownDetail };
        }

        _completion.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token)
    {
        _completion.GetResult(token);
        _completion.Reset();
        Return();
    }

    private void Return()
    {
        (Commands, Link, _mailbox) = (null!, null!, null);
        if (Pool.Count < MaxPooled)
        {
            Pool.Enqueue(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);
}
