using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Broker;

namespace Rookery.Local.Tests;

/// <summary>A journal on a disk in memory, and what it said.</summary>
internal sealed class JournalFixture : IJournalListener, IDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static readonly TopicName A = TopicName.Parse("a");
    public static readonly TopicName B = TopicName.Parse("b");

    public JournalFixture(
        IJournalFiles files, JournalOptions? options = null, TimeProvider? time = null, JournalFailure? after = null, JournalMetrics? metrics = null)
    {
        Files = files;
        Metrics = metrics ?? new JournalMetrics();
        Journal = SharedJournal.Open(
            options ?? new JournalOptions { SegmentBytes = 64 << 10 },
            files, this, time ?? TimeProvider.System, NullLogger.Instance, Metrics, after);
    }

    public IJournalFiles Files { get; }

    public SharedJournal Journal { get; }

    public JournalMetrics Metrics { get; }

    /// <summary>What was recovered, in order, as <c>topic:records</c>.</summary>
    public List<string> Recovered { get; } = [];

    /// <summary>Where it was recovered.</summary>
    public List<(TopicJournal Topic, long Address, int Bytes)> Frames { get; } = [];

    public TaskCompletionSource<JournalFailure> Failure { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What to do when topics are asked to move; nothing by default.</summary>
    public Action<TopicName, long, long>? OnCompact { get; set; }

    public JournalFixture Started()
    {
        Journal.Start();
        Journal.BeginReclaiming();
        return this;
    }

    public static byte[] Frame(TopicName topic, string records)
    {
        var reserve = FrameHeader.ReserveFor(topic);
        var frame = new byte[reserve + Encoding.UTF8.GetByteCount(records)];
        Encoding.UTF8.GetBytes(records, frame.AsSpan(reserve));
        FrameHeader.Seal(frame, topic);
        return frame;
    }

    /// <summary>Appends a frame. What follows does not run on the thread of the writer, as it might: it may dispose the journal.</summary>
    public Task<long> Append(TopicName topic, string records)
    {
        var appended = Journal.For(topic).AppendAsync(Frame(topic, records)).AsTask();
        return appended.ContinueWith(
            static appended => appended, CancellationToken.None, TaskContinuationOptions.RunContinuationsAsynchronously, TaskScheduler.Default).Unwrap().WaitAsync(Deadline);
    }

    public async Task<string> Read(TopicName topic, long address)
    {
        using IMemoryOwner<byte> records = await Journal.For(topic).ReadAsync(address);
        return Encoding.UTF8.GetString(records.Memory.Span);
    }

    public void Release(TopicName topic, long address, string records) =>
        Journal.For(topic).Release(address, Frame(topic, records).Length);

    public IEnumerable<FindingKind> Findings => Journal.Report.Findings.Select(finding => finding.Kind);

    void IJournalListener.Recovered(TopicJournal topic, long address, ReadOnlyMemory<byte> records)
    {
        Recovered.Add($"{topic.Topic}:{Encoding.UTF8.GetString(records.Span)}");
        Frames.Add((topic, address, FrameHeader.ReserveFor(topic.Topic) + records.Length));
    }

    void IJournalListener.Compact(TopicName topic, long from, long to) => OnCompact?.Invoke(topic, from, to);

    void IJournalListener.Deleted()
    {
    }

    void IJournalListener.Failed(JournalFailure failure) => Failure.TrySetResult(failure);

    public void Dispose() => Journal.Dispose();

    public static async Task Until(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"never happened: {what}");
            await Task.Delay(1, CancellationToken.None);
        }
    }
}
