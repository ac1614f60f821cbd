using System.Collections.Concurrent;
using Orleans.Storage;
using Rookery.Grains;

namespace Rookery.Cluster.Tests;

/// <summary>Grain storage that all silos of a test share and that outlives them, with faults to order.</summary>
internal sealed class SharedStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (byte[] Data, string ETag)> _records = new();
    private int _writes;
    private long _bytes;

    /// <summary>Decides about an operation (<c>read</c>, <c>write</c>, <c>clear</c>) on a key before it happens; throws to fail it.</summary>
    public Func<string, string, Task>? Before { get; set; }

    /// <summary>As <see cref="Before"/>, when it has happened.</summary>
    public Func<string, string, Task>? After { get; set; }

    /// <summary>Called with its key when a record was read, before the reader has it.</summary>
    public Func<string, Task>? Read { get; set; }

    public int Writes => Volatile.Read(ref _writes);

    public long WrittenBytes => Interlocked.Read(ref _bytes);

    /// <summary>Keys and lengths of what is stored for a topic's log.</summary>
    public IReadOnlyDictionary<string, int> LogOf(string topic) => _records
        .Where(one => one.Key.StartsWith($"log/topiclog/{topic}/", StringComparison.Ordinal))
        .ToDictionary(one => one.Key[(one.Key.LastIndexOf('/') + 1)..], one => one.Value.Data.Length);

    /// <summary>A record, by the end of its key; null: none.</summary>
    public byte[]? Find(string end) => _records.FirstOrDefault(one => one.Key.EndsWith(end, StringComparison.Ordinal)).Value.Data;

    /// <summary>Puts a record there, as some other version may have.</summary>
    public void Put(string stateName, GrainId grainId, byte[] data) => _records[$"{stateName}/{grainId}"] = (data, Guid.NewGuid().ToString());

    /// <summary>Turns a byte of a record over.</summary>
    public void Damage(string topic, long number)
    {
        var key = $"log/topiclog/{topic}/{number}";
        var (data, tag) = _records[key];
        data = [.. data];
        data[^1] ^= 0xff;
        _records[key] = (data, tag);
    }

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = $"{stateName}/{grainId}";
        await (Before?.Invoke("read", key) ?? Task.CompletedTask);
        await Task.Yield();
        if (_records.TryGetValue(key, out var found))
        {
            grainState.State = (T)(object)new LogRecord { Data = [.. found.Data] };
            (grainState.ETag, grainState.RecordExists) = (found.ETag, true);
        }

        await (Read?.Invoke(key) ?? Task.CompletedTask);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = $"{stateName}/{grainId}";
        await (Before?.Invoke("write", key) ?? Task.CompletedTask);
        await Task.Yield();
        var data = ((LogRecord)(object)grainState.State!).Data;
        var next = (Data: data.ToArray(), ETag: Guid.NewGuid().ToString());
        var written = grainState.ETag is null
            ? _records.TryAdd(key, next)
            : _records.TryGetValue(key, out var found) && found.ETag == grainState.ETag && _records.TryUpdate(key, next, found);
        if (!written)
        {
            throw new InconsistentStateException("the ETag is not that of the record", "stored", grainState.ETag ?? "none");
        }

        Interlocked.Increment(ref _writes);
        Interlocked.Add(ref _bytes, data.Length);
        (grainState.ETag, grainState.RecordExists) = (next.ETag, true);
        await (After?.Invoke("write", key) ?? Task.CompletedTask);
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = $"{stateName}/{grainId}";
        await (Before?.Invoke("clear", key) ?? Task.CompletedTask);
        await Task.Yield();
        _records.TryRemove(key, out _);
        grainState.RecordExists = false;
    }
}
