using Orleans.Storage;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>One record that one writer at a time writes over and over. One call at a time.</summary>
internal interface IStateRecord
{
    /// <summary>Reads the record.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="StoreUnavailableException">Not now.</exception>
    Task<byte[]?> ReadAsync();

    /// <summary>Writes the record over what was read or written last. When it fails, the same may be written again.</summary>
    /// <exception cref="FencedException">Somebody else has written it.</exception>
    /// <exception cref="StoreUnavailableException">Not now, or the outcome is unknown.</exception>
    Task WriteAsync(byte[] data);
}

/// <summary>
/// A record in grain storage, fenced by its ETag. After a write whose outcome is unknown it is read before the next one: what was found
/// there tells whether that write has happened, or somebody else's.
/// </summary>
internal sealed class StateRecord(string stateName, GrainId key, IGrainStorage storage, TimeSpan timeout, TimeProvider time) : IStateRecord
{
    private string? _tag;
    private byte[]? _tried;

    public async Task<byte[]?> ReadAsync()
    {
        var (data, tag) = await FetchAsync();
        (_tag, _tried) = (tag, null);
        return data;
    }

    public async Task WriteAsync(byte[] data)
    {
        if (_tried is { } tried && await HappenedAsync(tried) && tried.AsSpan().SequenceEqual(data))
        {
            return;
        }

        _tried = data;
        var state = new GrainState<LogRecord> { State = new LogRecord { Data = data }, ETag = _tag };
        try
        {
            await GuardAsync("write", () => storage.WriteStateAsync(stateName, key, state));
            (_tag, _tried) = (state.ETag, null);
        }
        catch (FencedException)
        {
            // It may have been an earlier attempt of ours that was given up.
            if (!await HappenedAsync(data))
            {
                throw;
            }
        }
    }

    /// <summary>Whether an attempt has happened after all.</summary>
    /// <exception cref="FencedException">Somebody else has written.</exception>
    private async Task<bool> HappenedAsync(byte[] tried)
    {
        var (data, tag) = await FetchAsync();
        var happened = data is not null && data.AsSpan().SequenceEqual(tried);
        if (!happened && tag != _tag)
        {
            throw new FencedException($"record {key} was written by another activation");
        }

        (_tag, _tried) = (tag, null);
        return happened;
    }

    private async Task<(byte[]? Data, string? Tag)> FetchAsync()
    {
        // A state that was used before would keep its old content where there is no record.
        var state = new GrainState<LogRecord> { State = new LogRecord() };
        await GuardAsync("read", () => storage.ReadStateAsync(stateName, key, state));
        return state.RecordExists ? (state.State?.Data ?? [], state.ETag) : (null, null);
    }

    private Task GuardAsync(string what, Func<Task> operation) =>
        StorageGuard.RunAsync(what, $"record {key}", operation, timeout, time, static (_, words) => new StoreUnavailableException(words));
}
