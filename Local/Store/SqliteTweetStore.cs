using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>
/// Keeps tweets, users and users' engagement in the SQLite file <c>rookery.db</c>, with the original JSON packed beside them
/// and the changes not yet published. One writer; whole batches, each a transaction. Any program may read the file meanwhile.
/// </summary>
/// <remarks>
/// A failed write closes the connection; the next one opens it anew, so what a disk forgot is never taken for written. Data that
/// are refused close nothing: the disk did not fail.
/// </remarks>
public sealed partial class SqliteTweetStore : ITweetStore, IAsyncDisposable
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "rookery.db";

    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(5);

    private readonly SqliteStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly OriginalsPacker _originals = new();
    private readonly Pulse _changed = new();
    private readonly Pulse _room = new();
    private StoreWriter? _writer;
    private string? _producer;
    private long _lastChange;
    private long _published;
    private StoreFigures _figures = new(0, 0, 0, 0);
    private bool _disposed;

    /// <summary>A store that opens its file when it is first needed, or by <see cref="OpenAsync"/>.</summary>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public SqliteTweetStore(SqliteStoreOptions options, TimeProvider? time = null, ILogger<SqliteTweetStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<SqliteTweetStore>.Instance;
        Path = System.IO.Path.Combine(options.Folder, FileName);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Figures for a status line.</summary>
    public StoreFigures Figures => _figures with { Unpublished = Volatile.Read(ref _lastChange) - Volatile.Read(ref _published) };

    /// <summary>The traces of what was committed and not published yet.</summary>
    internal ChangeTraces Traces { get; } = new();

    /// <summary>Called with each connection made for writing; tests make it fail.</summary>
    internal Action<SqliteDatabase>? Opened { get; set; }

    /// <summary>Opens the file now, so that what is wrong with it is said at the start.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be used at present: locked, read-only, damaged.</exception>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken) =>
        await InTurnAsync(writer => 0, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<StoreReceipt> WriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        var receipt = await InTurnAsync(writer => Write(writer, batch), cancellationToken).ConfigureAwait(false);
        _changed.Set();
        return receipt;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await InTurnAsync(
                writer =>
                {
                    writer.Probe();
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreUnavailableException or NewerDataException)
        {
            LogUnhealthy(e.Message);
            return false;
        }
    }

    /// <summary>The JSON of a tweet as it was received.</summary>
    /// <returns>Null where the store has no such tweet.</returns>
    /// <exception cref="StoreUnavailableException">The file cannot be read, or this part of it is damaged.</exception>
    public byte[]? ReadOriginal(long tweetId) => ReadOriginal(Path, tweetId);

    /// <summary>The JSON of a tweet as it was received, from a file that another process may be writing.</summary>
    /// <param name="path">The file, <see cref="FileName"/> in a data folder.</param>
    /// <param name="tweetId">Id of the tweet.</param>
    /// <returns>Null where the file has no such tweet.</returns>
    /// <exception cref="NewerDataException">The file was written by a newer version.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be read, or this part of it is damaged.</exception>
    public static byte[]? ReadOriginal(string path, long tweetId)
    {
        using var database = SqliteDatabase.Open(path, readOnly: true, ReadPatience);
        _ = StoreSchema.CheckVersion(database);
        var query = database.Prepare("""
            SELECT o.brotli, o.bytes, t.original_at, t.original_bytes
            FROM tweets t JOIN originals o ON o.id = t.original WHERE t.id = ?
            """);
        query.Bind(1, tweetId);
        return query.Step()
            ? OriginalsPacker.Unpack(query.Bytes(0), (int)query.Int64(1)).AsSpan((int)query.Int64(2), (int)query.Int64(3)).ToArray()
            : null;
    }

    /// <summary>Ends the writing, in order, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        await _turn.WaitAsync().ConfigureAwait(false);
        _disposed = true;
        _writer?.Dispose();
        _writer = null;
        _originals.Dispose();
        _turn.Release();
    }

    internal SqliteDatabase OpenForReading() => SqliteDatabase.Open(Path, readOnly: true, _options.BusyTimeout);

    private StoreReceipt Write(StoreWriter writer, StoreBatch batch)
    {
        try
        {
            _originals.Pack(batch);
            var receipt = writer.Write(batch, _originals, Volatile.Read(ref _published), _time.GetUtcNow().ToUnixTimeMilliseconds());
            if (Activity.Current is { IsAllDataRequested: true } storing)
            {
                storing.SetTag("db.system.name", "sqlite");
                Traces.Note(writer.LastChange, storing.Context);
            }

            return receipt;
        }
        finally
        {
            _originals.Dispose();
        }
    }

    /// <summary>Does something with the writer, alone, on a thread of its own: a disk may keep it waiting.</summary>
    private async Task<T> InTurnAsync<T>(Func<StoreWriter, T> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Factory.StartNew(
                () => Guarded(work), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private T Guarded<T>(Func<StoreWriter, T> work)
    {
        try
        {
            var writer = _writer ??= OpenWriter();
            var result = work(writer);
            Volatile.Write(ref _lastChange, writer.LastChange);
            _figures = new StoreFigures(writer.Tweets, writer.Expired, 0, writer.DroppedChanges);
            return result;
        }
        catch (StoreRejectedException) when (_writer is { IsAtRest: true })
        {
            // The data are to blame, and all of it was undone: the connection is as good as before.
            throw;
        }
        catch
        {
            _writer?.Dispose();
            _writer = null;
            throw;
        }
    }

    private StoreWriter OpenWriter()
    {
        try
        {
            Directory.CreateDirectory(_options.Folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"the data folder {_options.Folder} cannot be made: {e.Message}", e);
        }

        var database = SqliteDatabase.Open(Path, readOnly: false, _options.BusyTimeout);
        try
        {
            Opened?.Invoke(database);
            var writer = new StoreWriter(database, _options);
            _producer = writer.Producer;
            Volatile.Write(ref _lastChange, writer.LastChange);
            Volatile.Write(ref _published, Math.Max(_published, writer.FirstChange() - 1));
            return writer;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    [LoggerMessage(LogLevel.Debug, "the store cannot write: {Reason}")]
    private partial void LogUnhealthy(string reason);
}

/// <summary>Figures of the store.</summary>
/// <param name="Tweets">Tweets it holds.</param>
/// <param name="Expired">Tweets that went because of a bound, since it was opened.</param>
/// <param name="Unpublished">Changes committed and not yet published.</param>
/// <param name="DroppedChanges">Changes that were dropped unpublished, since it was opened.</param>
public sealed record StoreFigures(long Tweets, long Expired, long Unpublished, long DroppedChanges);
