namespace Rookery.Local.Tests;

/// <summary>
/// A disk in memory that forgets on <see cref="PowerLoss()"/> every byte and every directory entry that was not synced,
/// and fails, tears and waits when told to. Safe for any thread.
/// </summary>
internal sealed class FaultyFiles : IJournalFiles
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Node> _durable = [];
    private readonly Dictionary<string, Node> _current = [];

    public string Location { get; init; } = "/faulty/journal";

    /// <summary>Every operation so far, as <c>write 0000000001.segment</c>.</summary>
    public List<string> Trace { get; } = [];

    /// <summary>Called before an operation with its name as in <see cref="Trace"/>; what it throws the operation throws.</summary>
    public Action<string>? Before { get; set; }

    /// <summary>Bytes of the next write that reach the file although it fails; -1: it fails, if at all, as a whole.</summary>
    public int ShortWrite { get; set; } = -1;

    /// <summary>Bytes that files may have together when one is created; what they have is kept for them.</summary>
    public long Capacity { get; init; } = long.MaxValue;

    /// <summary>Somebody else takes all the room there is.</summary>
    public void Fill(string name)
    {
        lock (_gate)
        {
            Put(name, new byte[Capacity - _current.Values.Sum(there => (long)there.Bytes.Length)]);
        }
    }

    public int Count(string operation)
    {
        lock (_gate)
        {
            return Trace.Count(line => line.StartsWith(operation, StringComparison.Ordinal));
        }
    }

    /// <summary>The disk as it is when power returns: only what was synced.</summary>
    public FaultyFiles PowerLoss()
    {
        lock (_gate)
        {
            var after = new FaultyFiles();
            foreach (var (name, node) in _durable)
            {
                after.Put(name, node.Durable);
            }

            return after;
        }
    }

    /// <summary>
    /// The disk as it may be when power returns: of what was not synced, some sectors of 512 bytes arrived and others did not,
    /// in no order.
    /// </summary>
    public FaultyFiles PowerLoss(Random random)
    {
        lock (_gate)
        {
            var after = new FaultyFiles();
            foreach (var (name, node) in _durable)
            {
                var bytes = new byte[Math.Max(node.Durable.Length, node.Bytes.Length)];
                node.Durable.CopyTo(bytes, 0);
                for (var sector = 0; sector < node.Bytes.Length; sector += 512)
                {
                    if (random.Next(2) == 0)
                    {
                        node.Bytes.AsSpan(sector, Math.Min(512, node.Bytes.Length - sector)).CopyTo(bytes.AsSpan(sector));
                    }
                }

                after.Put(name, bytes);
            }

            return after;
        }
    }

    /// <summary>The disk as another process sees it when this one was killed: everything that was written.</summary>
    public FaultyFiles Kill()
    {
        lock (_gate)
        {
            var after = new FaultyFiles { Capacity = Capacity };
            foreach (var (name, node) in _current)
            {
                after.Put(name, node.Bytes);
            }

            return after;
        }
    }

    public byte[] this[string name]
    {
        get
        {
            lock (_gate)
            {
                return (byte[])_current[name].Bytes.Clone();
            }
        }
        set => Put(name, value);
    }

    public void Remove(string name)
    {
        lock (_gate)
        {
            _current.Remove(name);
            _durable.Remove(name);
        }
    }

    public IReadOnlyList<string> List()
    {
        Step("list");
        lock (_gate)
        {
            return [.. _current.Keys];
        }
    }

    public IJournalFile Create(string name, long reserve)
    {
        Step($"create {name} {reserve}");
        lock (_gate)
        {
            if (_current.Values.Sum(there => (long)there.Bytes.Length) + reserve > Capacity)
            {
                throw new DiskFullException($"the disk is full: {reserve:N0} bytes were wanted for {name}");
            }

            var node = new Node { Bytes = new byte[reserve] };
            return _current.TryAdd(name, node) ? new FaultyFile(this, name, node) : throw new IOException($"{name} exists");
        }
    }

    public IJournalFile Open(string name, bool write)
    {
        Step($"open {name}");
        lock (_gate)
        {
            return _current.TryGetValue(name, out var node)
                ? new FaultyFile(this, name, node)
                : throw new FileNotFoundException($"{name} does not exist");
        }
    }

    public void Replace(string name, string newName)
    {
        Step($"replace {newName}");
        lock (_gate)
        {
            _current.Remove(name, out var node);
            _current[newName] = node!;
        }
    }

    public void Delete(string name)
    {
        Step($"delete {name}");
        lock (_gate)
        {
            _current.Remove(name);
        }
    }

    public void Sync()
    {
        Step("sync directory");
        lock (_gate)
        {
            _durable.Clear();
            foreach (var (name, node) in _current)
            {
                _durable[name] = node;
            }
        }
    }

    private void Put(string name, byte[] bytes)
    {
        lock (_gate)
        {
            _current[name] = _durable[name] = new Node { Bytes = (byte[])bytes.Clone(), Durable = (byte[])bytes.Clone() };
        }
    }

    private void Step(string operation)
    {
        lock (_gate)
        {
            Trace.Add(operation);
        }

        Before?.Invoke(operation);
    }

    private sealed class Node
    {
        public byte[] Bytes { get; set; } = [];

        public byte[] Durable { get; set; } = [];
    }

    private sealed class FaultyFile(FaultyFiles files, string name, Node node) : IJournalFile
    {
        public long Length
        {
            get
            {
                lock (files._gate)
                {
                    return node.Bytes.Length;
                }
            }
        }

        public int Read(Span<byte> buffer, long offset)
        {
            files.Before?.Invoke($"read {name}");
            lock (files._gate)
            {
                var count = (int)Math.Clamp(node.Bytes.Length - offset, 0, buffer.Length);
                node.Bytes.AsSpan((int)Math.Min(offset, node.Bytes.Length), count).CopyTo(buffer);
                return count;
            }
        }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
        {
            var bytes = buffers.SelectMany(buffer => buffer.ToArray()).ToArray();
            try
            {
                files.Step($"write {name}");
            }
            catch (IOException) when (files.ShortWrite >= 0)
            {
                Put(bytes.AsSpan(0, Math.Min(files.ShortWrite, bytes.Length)), offset);
                throw;
            }

            Put(bytes, offset);
        }

        public void Sync()
        {
            byte[] seen;
            lock (files._gate)
            {
                seen = (byte[])node.Bytes.Clone();
            }

            files.Step($"sync {name}");
            lock (files._gate)
            {
                node.Durable = seen;
            }
        }

        public void Truncate(long length)
        {
            files.Step($"truncate {name}");
            lock (files._gate)
            {
                node.Bytes = node.Bytes.Length >= length ? node.Bytes[..(int)length] : [.. node.Bytes, .. new byte[length - node.Bytes.Length]];
            }
        }

        public void Dispose()
        {
        }

        private void Put(ReadOnlySpan<byte> bytes, long offset)
        {
            lock (files._gate)
            {
                if (node.Bytes.Length < offset + bytes.Length)
                {
                    var grown = new byte[offset + bytes.Length];
                    node.Bytes.CopyTo(grown, 0);
                    node.Bytes = grown;
                }

                bytes.CopyTo(node.Bytes.AsSpan((int)offset));
            }
        }
    }
}
