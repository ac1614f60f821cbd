namespace Rookery.Silo;

/// <summary>A part of what a cluster without MongoDB stores.</summary>
[Alias("Rookery.IMemoryRecordsGrain")]
internal interface IMemoryRecordsGrain : IGrainWithIntegerKey
{
    /// <summary>Reads a record; null: there is none.</summary>
    [Alias("ReadAsync")]
    Task<MemoryRecord?> ReadAsync(string key);

    /// <summary>Writes a record: a new one where the tag is null, else over the one that has it.</summary>
    /// <returns>The tag that it has now, and whether it was written: not where the record is not the one that the tag is of.</returns>
    [Alias("WriteAsync")]
    Task<(string? Tag, bool Written)> WriteAsync(string key, MemoryRecord record);

    /// <summary>Removes a record, if it is there.</summary>
    /// <returns>Whether it was.</returns>
    [Alias("RemoveAsync")]
    Task<bool> RemoveAsync(string key);
}

/// <summary>A record. Its bytes are never changed.</summary>
/// <param name="Data">What is stored.</param>
/// <param name="Tag">Changes with every write.</param>
[GenerateSerializer, Immutable, Alias("Rookery.MemoryRecord")]
internal sealed record MemoryRecord([property: Id(0)] byte[] Data, [property: Id(1)] string? Tag);

/// <summary>
/// The way to the records from other silos. It has none itself: the runtime ends grains when it pleases, such as those whose entry in the
/// directory was at a silo that died.
/// </summary>
[PrimaryPlacement]
internal sealed class MemoryRecordsGrain(MemoryRecordStore store) : Grain, IMemoryRecordsGrain
{
    public Task<MemoryRecord?> ReadAsync(string key) => Task.FromResult(store.Find(key));

    public Task<(string? Tag, bool Written)> WriteAsync(string key, MemoryRecord record) => Task.FromResult(store.Write(key, record));

    public Task<bool> RemoveAsync(string key) => Task.FromResult(store.Remove(key));
}

/// <summary>The records that are in the memory of this process. For any number of threads.</summary>
internal sealed class MemoryRecordStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MemoryRecord> _records = new(StringComparer.Ordinal);
    private long _writes;

    public MemoryRecord? Find(string key)
    {
        lock (_gate)
        {
            return _records.GetValueOrDefault(key);
        }
    }

    public (string? Tag, bool Written) Write(string key, MemoryRecord record)
    {
        lock (_gate)
        {
            var stored = _records.GetValueOrDefault(key)?.Tag;
            if (stored != record.Tag)
            {
                return (stored, false);
            }

            var tag = $"{++_writes}";
            _records[key] = record with { Tag = tag };
            return (tag, true);
        }
    }

    public bool Remove(string key)
    {
        lock (_gate)
        {
            return _records.Remove(key);
        }
    }
}
