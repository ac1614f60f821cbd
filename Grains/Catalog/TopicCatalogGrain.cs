using Orleans.Concurrency;
using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>
/// The names of all topics, in one record of grain storage. It is written anew for new topics, for those that come during a
/// write together; nothing else writes it.
/// </summary>
[Reentrant]
internal sealed class TopicCatalogGrain(TopicServices services) : Grain, ITopicCatalogGrain
{
    private const string StateName = "catalog";
    private static readonly StoredMark Mark = new("topics", 1, "the catalogue of topics");
    private static readonly TimeSpan LookHolds = TimeSpan.FromSeconds(1);

    // Gateways give up after 2 s, and would say no more than that.
    private static readonly TimeSpan LookWithin = TimeSpan.FromSeconds(1.5);

    private readonly SortedSet<string> _entered = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _leaving = new(StringComparer.Ordinal);
    private GrainState<LogRecord>? _state;
    private Task<bool>? _loading;
    private Task<bool>? _writing;
    private Task<string?>? _looking;
    private long _lookedAt;

    private static GrainId Key => GrainId.Create("topiccatalog", "0");

    /// <inheritdoc/>
    public async Task<CatalogEntry> AddAsync(string topic, CancellationToken cancellationToken = default)
    {
        if (!await LoadAsync())
        {
            return CatalogEntry.Unavailable;
        }

        // One that is being struck out is entered again behind that. Where it is not known whether it was, the catalogue is read again.
        while (_leaving.Contains(topic))
        {
            if (!await (_writing ??= WriteAsync()) && !await LoadAsync())
            {
                return CatalogEntry.Unavailable;
            }
        }

        if (_entered.Contains(topic))
        {
            return CatalogEntry.Entered;
        }

        if (_entered.Count + _waiting.Count >= services.Options.Limits.MaxTopics && !_waiting.Contains(topic))
        {
            return CatalogEntry.Full;
        }

        _waiting.Add(topic);
        while (_waiting.Contains(topic))
        {
            if (!await (_writing ??= WriteAsync()))
            {
                return CatalogEntry.Unavailable;
            }
        }

        return _entered.Contains(topic) ? CatalogEntry.Entered : CatalogEntry.Unavailable;
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string topic, CancellationToken cancellationToken = default)
    {
        if (await LoadAsync() && _entered.Contains(topic) && _leaving.Add(topic))
        {
            while (_leaving.Contains(topic))
            {
                await (_writing ??= WriteAsync());
            }
        }
    }

    /// <inheritdoc/>
    public async Task<CatalogReply> GetAsync(CancellationToken cancellationToken = default) =>
        await LoadAsync() ? new CatalogReply(true, [.. _entered], services.Options.Durability) : new CatalogReply(false, [], services.Options.Durability);

    /// <inheritdoc/>
    public async Task<string?> WhyNotReadyAsync(CancellationToken cancellationToken = default)
    {
        if (_looking is null || (_looking.IsCompleted && services.Time.GetElapsedTime(_lookedAt) > LookHolds))
        {
            _lookedAt = services.Time.GetTimestamp();
            _looking = LookAsync();
        }

        return await _looking;
    }

    /// <summary>What is remembered here says nothing about the storage, which may be gone since.</summary>
    private async Task<string?> LookAsync()
    {
        if (!await LoadAsync())
        {
            return "the catalogue of topics cannot be read";
        }

        var state = new GrainState<LogRecord> { State = new LogRecord() };
        return await TryAsync("read", () => services.Storage.ReadStateAsync(StateName, Key, state), LookWithin) ? null : "the storage does not answer";
    }

    private async Task<bool> LoadAsync()
    {
        if (_state is null)
        {
            var loading = _loading ??= ReadAsync();
            try
            {
                await loading;
            }
            finally
            {
                // Not one that somebody else has begun since.
                _loading = _loading == loading ? null : _loading;
            }
        }

        return _state is not null;
    }

    private async Task<bool> ReadAsync()
    {
        var state = new GrainState<LogRecord> { State = new LogRecord() };
        if (!await TryAsync("read", () => services.Storage.ReadStateAsync(StateName, Key, state)))
        {
            return false;
        }

        try
        {
            _entered.Clear();
            _entered.UnionWith(state.RecordExists ? Names(state.State?.Data ?? []) : []);
        }
        catch (InvalidDataException exception)
        {
            ClusterLog.CatalogFailed(services.Logger, "read", exception.Message);
            return false;
        }

        _state = state;
        return true;
    }

    private static List<string> Names(byte[] record)
    {
        var reader = new FlatReader(Mark.Open(record));
        var names = new List<string>();
        while (!reader.AtEnd)
        {
            names.Add(reader.Text() ?? string.Empty);
        }

        return names;
    }

    private async Task<bool> WriteAsync()
    {
        // Those who come within the same turn share the write.
        await Task.Yield();
        var names = _waiting.ToArray();
        var leaving = _leaving.ToArray();
        using var writer = new FlatWriter();
        Mark.Write(writer);
        foreach (var name in _entered.Except(leaving).Concat(names))
        {
            writer.Text(name);
        }

        // A write that fails may have happened all the same: the state is read again before the next one.
        var (state, written) = (_state, false);
        try
        {
            if (state is not null)
            {
                state.State = new LogRecord { Data = writer.ToArray() };
                written = await TryAsync("write", () => services.Storage.WriteStateAsync(StateName, Key, state));
            }
        }
        finally
        {
            _waiting.ExceptWith(names);
            _leaving.ExceptWith(leaving);
            _state = written ? _state : null;
            _writing = null;
        }

        if (written)
        {
            _entered.ExceptWith(leaving);
            _entered.UnionWith(names);
        }

        return written;
    }

    private async Task<bool> TryAsync(string what, Func<Task> operation, TimeSpan? within = null)
    {
        try
        {
            await StorageGuard.RunAsync(
                what, "the catalogue of topics", operation, within ?? services.Options.Log.StorageTimeout, services.Time,
                static (_, words) => new JournalException(words));
            return true;
        }
        catch (Exception exception) when (exception is FencedException or JournalException)
        {
            // The caller hears that it is unavailable.
            ClusterLog.CatalogFailed(services.Logger, what == "read" ? "read" : "written", exception.Message);
            return false;
        }
    }
}
