using Orleans.Storage;
using Rookery.Grains;

namespace Rookery.Silo;

/// <summary>
/// Grain storage in the memory of the first silo, which the others depend on anyway. Spread over all silos, the death of any of them would take
/// some records of every topic along, and leave logs with holes.
/// </summary>
internal sealed class MemoryRecords(IGrainFactory grains) : IGrainStorage
{
    private const int Parts = 16;

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = Key(stateName, grainId);
        var found = await AskAsync(PartOf(key).ReadAsync(key)).ConfigureAwait(false);
        (grainState.ETag, grainState.RecordExists) = (found?.Tag, found is not null);
        grainState.State = (T)(object)new LogRecord { Data = found?.Data ?? [] };
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = Key(stateName, grainId);
        var data = ((LogRecord)(object)grainState.State!).Data;
        var (tag, written) = await AskAsync(PartOf(key).WriteAsync(key, new MemoryRecord(data, grainState.ETag))).ConfigureAwait(false);
        if (!written)
        {
            throw new InconsistentStateException($"{key} is not as it was when it was read", tag ?? "none", grainState.ETag ?? "none");
        }

        (grainState.ETag, grainState.RecordExists) = (tag, true);
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = Key(stateName, grainId);
        await AskAsync(PartOf(key).RemoveAsync(key)).ConfigureAwait(false);
        (grainState.ETag, grainState.RecordExists) = (null, false);
    }

    /// <exception cref="IOException">The first silo is gone. What the runtime says of it has stacks of other silos in its message.</exception>
    private static async Task<T> AskAsync<T>(Task<T> answer)
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (OrleansException exception)
        {
            throw new IOException($"the first silo, which has everything in its memory, does not answer ({exception.GetType().Name})", exception);
        }
    }

    private static string Key(string stateName, GrainId grainId) => $"{stateName}/{grainId}";

    private IMemoryRecordsGrain PartOf(string key)
    {
        // The same in every process, as the hash codes of strings are not.
        var hash = 2166136261u;
        foreach (var letter in key)
        {
            hash = (hash ^ letter) * 16777619;
        }

        return grains.GetGrain<IMemoryRecordsGrain>(hash % Parts);
    }
}
