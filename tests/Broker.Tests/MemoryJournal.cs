using System.Buffers;
using System.Threading.Tasks.Sources;

namespace Rookery.Broker.Tests;

/// <summary>A journal in memory that really deletes what was wholly released, and can fail or hold its writes back.</summary>
internal sealed class MemoryJournal : ITopicJournal
{
    private readonly SortedDictionary<long, Frame> _frames = [];
    private PendingAppend? _pending;
    private byte[]? _pendingBytes;
    private long _next = 100;

    /// <summary>Appends wait for <see cref="Complete"/> or <see cref="FailAppend"/>.</summary>
    public bool Holds { get; set; }

    /// <summary>Does not care what is released.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Reads do not complete.</summary>
    public bool HoldsReads { get; set; }

    public bool HasPending => _pending is not null;

    public int Appends { get; private set; }

    public int Reads { get; private set; }

    public HashSet<long> Damaged { get; } = [];

    public IEnumerable<long> Addresses => _frames.Keys;

    public int Bytes => _frames.Values.Sum(frame => frame.Bytes.Length);

    public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> frame)
    {
        Assert.Null(_pending);
        Assert.True(FrameHeader.TryRead(frame.Span, out var header));
        Assert.True(header.Matches(frame.Span, out _));
        Appends++;
        if (!Holds)
        {
            return new ValueTask<long>(Store(frame.ToArray()));
        }

        _pendingBytes = frame.ToArray();
        _pending = new PendingAppend();
        return new ValueTask<long>(_pending, 0);
    }

    public void Complete()
    {
        var pending = _pending!;
        _pending = null;
        pending.Complete(Store(_pendingBytes!));
    }

    /// <summary>The write fails; whether its bytes are there afterwards is anyone's guess.</summary>
    public void FailAppend(bool stored)
    {
        var pending = _pending!;
        _pending = null;
        if (stored)
        {
            Store(_pendingBytes!);
        }

        pending.Fail(new JournalException("the disk is gone"));
    }

    /// <summary>The process dies: what was being written is forgotten, or not.</summary>
    public void Crash(bool stored)
    {
        if (_pending is not null && stored)
        {
            Store(_pendingBytes!);
        }

        _pending = null;
    }

    public ValueTask<IMemoryOwner<byte>> ReadAsync(long address)
    {
        Reads++;
        if (HoldsReads)
        {
            return new ValueTask<IMemoryOwner<byte>>(new TaskCompletionSource<IMemoryOwner<byte>>().Task);
        }

        if (Damaged.Contains(address) || !_frames.TryGetValue(address, out var frame))
        {
            return ValueTask.FromException<IMemoryOwner<byte>>(new JournalException($"frame {address} is damaged"));
        }

        FrameHeader.TryRead(frame.Bytes, out var header);
        return new ValueTask<IMemoryOwner<byte>>(new Owner(header.RecordsOf(frame.Bytes).ToArray()));
    }

    public void Release(long address, int bytes)
    {
        if (IsDeaf)
        {
            return;
        }

        Assert.True(bytes > 0);
        Assert.True(_frames.TryGetValue(address, out var frame), $"frame {address} was released before");
        frame.Released += bytes;
        Assert.True(frame.Released <= frame.Bytes.Length, $"frame {address}: {frame.Released} of {frame.Bytes.Length} bytes released");
        if (frame.Released == frame.Bytes.Length)
        {
            _frames.Remove(address);
        }
    }

    public void Delete(long address) => _frames.Remove(address);

    public void Put(long address, byte[] frame) => _frames[address] = new Frame(frame);

    public byte[] FrameAt(long address) => _frames[address].Bytes;

    public void ReplayInto(TopicShell shell)
    {
        foreach (var (address, frame) in _frames)
        {
            frame.Released = 0;
            FrameHeader.TryRead(frame.Bytes, out var header);
            shell.Replay(address, header.RecordsOf(frame.Bytes).Span);
        }
    }

    private long Store(byte[] bytes)
    {
        var address = _next;
        _next += bytes.Length;
        _frames.Add(address, new Frame(bytes));
        return address;
    }

    private sealed class Frame(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public int Released { get; set; }
    }

    /// <summary>Runs what waits for it within the call that completes it, whatever context the test runs in.</summary>
    private sealed class PendingAppend : IValueTaskSource<long>
    {
        private ManualResetValueTaskSourceCore<long> _core;

        public void Complete(long address) => _core.SetResult(address);

        public void Fail(Exception exception) => _core.SetException(exception);

        public long GetResult(short token) => _core.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);
    }

    private sealed class Owner(byte[] bytes) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; private set; } = bytes;

        public void Dispose() => Memory = default;
    }
}
