using Rookery.Broker;
using static Rookery.Local.Tests.JournalFixture;

namespace Rookery.Local.Tests;

/// <summary>Reading frames back: what cannot be read at present is not lost, what never can be is, and that is said.</summary>
public class FrameReaderTests
{
    private const string First = "0000000001.segment";
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_segment_that_cannot_be_opened_for_minutes_has_lost_nothing()
    {
        var (journal, address) = await Reopened(_time);
        using var opened = journal;
        var attempts = 0;
        Files(journal).Before = operation => Fail(operation == $"open {First}" && ++attempts <= 40, "too many open files");
        var read = journal.Read(A, address);
        await Passes(read);
        Assert.Equal("one", await read);
        Assert.Equal((40, 0), (journal.Metrics.ReadRetries, journal.Metrics.FramesLost));
    }

    [Fact]
    public async Task A_device_that_does_not_give_a_frame_is_asked_nine_times_and_the_rest_is_served()
    {
        var (journal, address) = await Reopened(_time);
        using var opened = journal;
        var attempts = 0;
        Files(journal).Before = operation => Fail(operation == $"read {First}" && ++attempts > 0, "input/output error");
        var read = journal.Read(A, address);
        await Passes(read);
        var lost = await Assert.ThrowsAsync<JournalException>(() => read);
        Assert.Contains($"topic a at offset {FrameAddress.OffsetOf(address)} of {First}", lost.Message, StringComparison.Ordinal);
        Assert.Equal((9, 1), (attempts, journal.Metrics.FramesLost));

        Files(journal).Before = null;
        Assert.Equal("two", await journal.Read(A, await journal.Append(A, "two")));
    }

    [Fact]
    public async Task A_segment_that_is_gone_is_not_waited_for()
    {
        var (journal, address) = await Reopened(_time);
        using var opened = journal;
        Files(journal).Remove(First);
        var lost = await Assert.ThrowsAsync<JournalException>(() => journal.Read(A, address).WaitAsync(Deadline));
        Assert.Contains($"{First} is gone", lost.Message, StringComparison.Ordinal);
        Assert.Equal(1, journal.Metrics.FramesLost);
    }

    [Fact]
    public async Task A_journal_that_closes_keeps_nobody_waiting_for_a_frame()
    {
        var (journal, address) = await Reopened(_time);
        Files(journal).Before = operation => Fail(operation == $"open {First}", "too many open files");
        var read = journal.Read(A, address);
        await Until(() => journal.Metrics.ReadRetries > 0, "the first attempt");
        Files(journal).Before = null;
        journal.Dispose();
        await Passes(read);
        Assert.Contains("is closed", (await Assert.ThrowsAsync<JournalException>(() => read)).Message, StringComparison.Ordinal);
        Assert.Equal(0, journal.Metrics.FramesLost);
    }

    [Fact]
    public async Task A_frame_too_large_to_be_read_back_is_not_confirmed()
    {
        using var journal = new JournalFixture(new FaultyFiles()).Started();
        var huge = GC.AllocateUninitializedArray<byte>(FrameHeader.ReserveFor(A) + FrameHeader.MaxRecordBytes + 1);
        await Assert.ThrowsAsync<JournalException>(async () => await journal.Journal.For(A).AppendAsync(huge));
        Assert.Equal("one", await journal.Read(A, await journal.Append(A, "one")));
    }

    [Fact]
    public async Task Opening_is_given_up_before_a_segment_is_read()
    {
        using var cancelled = new CancellationTokenSource();
        var files = new FaultyFiles();
        using (var journal = new JournalFixture(files).Started())
        {
            await journal.Append(A, "one");
        }

        await cancelled.CancelAsync();
        Assert.Throws<OperationCanceledException>(() => SharedJournal.Open(
            new JournalOptions(), files, new JournalFixture(new FaultyFiles()), _time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, new JournalMetrics(), cancellationToken: cancelled.Token));
    }

    private static FaultyFiles Files(JournalFixture journal) => (FaultyFiles)journal.Files;

    private static void Fail(bool now, string why)
    {
        if (now)
        {
            throw new IOException(why);
        }
    }

    /// <summary>A journal with one frame from before it was opened, so that its file is not open.</summary>
    private static async Task<(JournalFixture Journal, long Address)> Reopened(TimeProvider time)
    {
        var files = new FaultyFiles();
        long address;
        using (var before = new JournalFixture(files).Started())
        {
            address = await before.Append(A, "one");
        }

        return (new JournalFixture(files, time: time).Started(), address);
    }

    /// <summary>Time passes until it is done one way or the other.</summary>
    private Task Passes(Task read) => Until(
        () =>
        {
            if (!read.IsCompleted && _time.IsDueWithin(TimeSpan.FromSeconds(10)))
            {
                _time.Advance(TimeSpan.FromSeconds(10));
            }

            return read.IsCompleted;
        },
        "the read ends");
}
