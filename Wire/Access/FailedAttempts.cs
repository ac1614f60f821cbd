using System.Net;
using System.Net.Sockets;

namespace Rookery.Wire;

/// <summary>
/// Counts failed attempts per remote address; one that has too many within <see cref="Window"/> is blocked for the rest of
/// it. Bounded: of too many addresses the one seen first is forgotten.
/// </summary>
internal sealed class FailedAttempts(int most, TimeProvider time, int capacity = 4096)
{
    /// <summary>Time that failures of an address are counted for, and that it is blocked for at most.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Record> _records = [];
    private readonly Queue<Record> _bySince = new();

    /// <summary>Addresses remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _records.Count;
            }
        }
    }

    /// <summary>How long an address has to wait; zero where it has not.</summary>
    public TimeSpan Wait(EndPoint? remote)
    {
        lock (_gate)
        {
            Forget(keep: capacity);
            return _records.TryGetValue(Key(remote), out var record) && record.Failures >= most
                ? Window - time.GetElapsedTime(record.Since)
                : TimeSpan.Zero;
        }
    }

    /// <summary>One more failed.</summary>
    /// <returns>Failures of that address within the window.</returns>
    public int Add(EndPoint? remote)
    {
        var key = Key(remote);
        lock (_gate)
        {
            Forget(keep: capacity);
            if (!_records.TryGetValue(key, out var record))
            {
                Forget(keep: capacity - 1);
                record = new Record(key, time.GetTimestamp());
                _records.Add(key, record);
                _bySince.Enqueue(record);
            }

            return ++record.Failures;
        }
    }

    private void Forget(int keep)
    {
        while (_bySince.TryPeek(out var first) && (_bySince.Count > keep || time.GetElapsedTime(first.Since) >= Window))
        {
            _bySince.Dequeue();
            _records.Remove(first.Key);
        }
    }

    /// <summary>An IPv4 address as it is; of an IPv6 address its network, within which one machine has as many as it likes.</summary>
    private static IPAddress Key(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address })
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private sealed class Record(IPAddress key, long since)
    {
        public IPAddress Key { get; } = key;

        public long Since { get; } = since;

        public int Failures { get; set; }
    }
}
