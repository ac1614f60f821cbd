using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>What a journal says to whoever keeps the topics.</summary>
internal interface IJournalListener
{
    /// <summary>A frame was found; of one topic in order of address. The records are valid during the call.</summary>
    void Recovered(TopicJournal topic, long address, ReadOnlyMemory<byte> records);

    /// <summary>The topic should move what lives in frames with an address in [from, to). From any thread; must not wait.</summary>
    void Compact(TopicName topic, long from, long to);

    /// <summary>Segments were deleted. From any thread; must not wait.</summary>
    void Deleted();

    /// <summary>The journal takes nothing any more; dispose it and open another. From any thread; must not wait.</summary>
    void Failed(JournalFailure failure);
}

/// <summary>
/// One journal for all topics: segment files in a directory, one writer, one sync per batch whatever the number of topics.
/// <para>
/// Life: <see cref="Open"/> reads what is there, <see cref="Start"/> begins a new segment and accepts appends,
/// <see cref="BeginReclaiming"/> lets it give space back.
/// </para>
/// </summary>
internal sealed class SharedJournal : IDisposable
{
    private readonly ConcurrentDictionary<TopicName, TopicJournal> _topics = new();
    private readonly JournalFailure? _after;
    private JournalWriter? _writer;
    private volatile bool _disposed;
    private bool _toldLow;

    private SharedJournal(
        JournalOptions options,
        IJournalFiles files,
        IJournalListener listener,
        TimeProvider time,
        ILogger logger,
        JournalMetrics metrics,
        JournalFailure? after)
    {
        _after = after;
        (Options, Files, Listener, Time, Logger, Metrics) = (options, files, listener, time, logger, metrics);
        Readers = new FrameReader(files, time, logger, metrics);
        Reclaimer = new Reclaimer(this);
    }

    public JournalOptions Options { get; }

    /// <summary>What was found when it was opened.</summary>
    public RecoveryReport Report { get; private set; } = null!;

    /// <summary>Why it takes nothing any more; null while it does.</summary>
    public JournalFailure? Failure => _writer?.Failure;

    /// <summary>Whether the disk is full but for what acknowledgements and drops need: no event should be stored until it is not.</summary>
    public bool IsLow => _writer?.IsLow ?? false;

    internal JournalException Closed => new($"the journal in {Files.Location} is closed");

    internal IJournalFiles Files { get; }

    internal IJournalListener Listener { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal JournalMetrics Metrics { get; }

    internal FrameReader Readers { get; }

    internal Reclaimer Reclaimer { get; }

    internal ConcurrentDictionary<int, Segment> Segments { get; } = new();

    internal int NextNumber { get; set; } = 1;

    /// <summary>Reads a journal; changes nothing before everything was read but what an interrupted write left.</summary>
    /// <param name="options">How it stores.</param>
    /// <param name="files">Where it stores.</param>
    /// <param name="listener">Gets every frame during the call, and later what the journal has to say.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where findings are logged.</param>
    /// <param name="metrics">Where events are counted.</param>
    /// <param name="after">The failure of the journal before, when this one takes its place in the same process.</param>
    /// <param name="cancellationToken">Gives up between two segments.</param>
    /// <exception cref="JournalException">The directory or a file cannot be read, or repaired; the message names it.</exception>
    /// <exception cref="NewerFormatException">A file was written by a newer version; nothing was changed.</exception>
    public static SharedJournal Open(
        JournalOptions options,
        IJournalFiles files,
        IJournalListener listener,
        TimeProvider time,
        ILogger logger,
        JournalMetrics metrics,
        JournalFailure? after = null,
        CancellationToken cancellationToken = default)
    {
        options.Validate();
        var journal = new SharedJournal(options, files, listener, time, logger, metrics, after);
        try
        {
            journal.Report = Naming(files, "reading", () => new JournalRecovery(journal, after).Run(cancellationToken));
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Begins a new segment; appends are accepted from now on.</summary>
    /// <exception cref="JournalException">The segment could not be created.</exception>
    public void Start()
    {
        _writer = Naming(Files, "beginning a segment of", () => new JournalWriter(this, NextNumber));
        _writer.Start();
    }

    /// <summary>Gives space back from now on; to be called when the topics can be asked to move what lives.</summary>
    public void BeginReclaiming()
    {
        if (_after is { Promised: JournalPromise.Written } && Segments.TryGetValue(_after.Segment, out var suspect))
        {
            foreach (var topic in suspect.Topics())
            {
                var (from, to) = (FrameAddress.Of(suspect.Number, _after.Synced), FrameAddress.Of(suspect.Number + 1, 0));
                Listener.Compact(topic.Topic, from, to);
            }
        }

        foreach (var segment in Segments.Values.Where(segment => segment.Number < NextNumber))
        {
            Seal(segment);
        }
    }

    /// <summary>The log of one topic.</summary>
    public TopicJournal For(TopicName topic) => _topics.GetOrAdd(topic, static (name, journal) => new TopicJournal(name, journal), this);

    /// <summary>Whether there is a segment with a number from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public bool HasSegment(int first, int last) => Segments.Keys.Any(number => number >= first && number <= last);

    /// <summary>Forgets a topic of which no segment has a frame.</summary>
    public void Forget(TopicJournal topic) => _topics.TryRemove(topic.Topic, out _);

    /// <summary>Bytes of all segment files, as far as they are written.</summary>
    public long DiskBytes => Segments.Values.Sum(segment => segment.Used);

    /// <summary>Writes and syncs what waits, and closes the files. Appends that come later fail.</summary>
    public void Dispose()
    {
        _disposed = true;
        Reclaimer.Dispose();
        _writer?.Dispose();
        Readers.Dispose();
    }

    internal void Submit(TopicJournal append)
    {
        if (_disposed || _writer is null)
        {
            append.Fail(Closed);
        }
        else
        {
            _writer.Submit(append);
        }
    }

    internal void Release(TopicJournal topic, long address, int bytes)
    {
        if (Segments.TryGetValue(FrameAddress.SegmentOf(address), out var segment)
            && segment.Release(topic, bytes, Options.MinimumAlive))
        {
            GiveBack(segment);
        }
    }

    internal void Seal(Segment segment)
    {
        segment.Seal();
        GiveBack(segment);
    }

    internal void Fail(JournalFailure failure)
    {
        Metrics.Failed();
        JournalLog.Failed(Logger, Files.Location, failure.Cause);
        Listener.Failed(failure);
    }

    /// <summary>The writer looked whether there is room.</summary>
    internal void TellRoom(bool isLow)
    {
        if (isLow == _toldLow)
        {
            return;
        }

        _toldLow = isLow;
        if (isLow)
        {
            JournalLog.Low(Logger, Files.Location);
        }
        else
        {
            JournalLog.RoomAgain(Logger, Files.Location);
        }

        // What is worth moving is another thing now.
        Reclaimer.Consider();
    }

    private static T Naming<T>(IJournalFiles files, string what, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is (IOException or UnauthorizedAccessException)
            and not (JournalException or NewerFormatException))
        {
            throw new JournalException($"{what} the journal in {files.Location} failed: {exception.Message}", exception);
        }
    }

    private void GiveBack(Segment segment)
    {
        if (segment.IsEmpty)
        {
            _writer?.RetireSoon();
        }
        else
        {
            Reclaimer.Consider();
        }
    }
}
