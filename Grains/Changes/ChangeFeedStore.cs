using Orleans.Storage;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>The state of the change feed in the grain storage of topics, fenced by its ETag.</summary>
internal sealed class ChangeFeedStore(TopicServices topics) : IChangeFeedStore
{
    private const string StateName = "changes";
    private GrainState<LogRecord> _record = new() { State = new LogRecord() };

    private static GrainId Key => GrainId.Create("changefeed", "0");

    public async Task<ChangeFeedState?> LoadAsync(CancellationToken cancellationToken)
    {
        // A state that was used before would keep its old content where there is no record.
        var record = new GrainState<LogRecord> { State = new LogRecord() };
        await GuardAsync("read", () => topics.Storage.ReadStateAsync(StateName, Key, record), cancellationToken);
        _record = record;
        return record is { RecordExists: true, State.Data: { Length: > 0 } data } ? ChangeFeedState.Read(data) : null;
    }

    public Task SaveAsync(ChangeFeedState state, CancellationToken cancellationToken)
    {
        _record.State = new LogRecord { Data = state.Write() };
        return GuardAsync("write", () => topics.Storage.WriteStateAsync(StateName, Key, _record), cancellationToken);
    }

    private async Task GuardAsync(string what, Func<Task> operation, CancellationToken cancellationToken)
    {
        try
        {
            await operation().WaitAsync(topics.Options.Log.StorageTimeout, topics.Time, cancellationToken);
        }
        catch (InconsistentStateException exception)
        {
            throw new FeedFencedException($"another activation has written the position: {exception.Message}");
        }
#pragma warning disable CA1031 // Whatever a provider throws: it did not succeed, and its exception goes no further.
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
#pragma warning restore CA1031
        {
            throw new StoreUnavailableException($"could not {what} the position of the change feed: {exception.GetType().Name}: {exception.Message}");
        }
    }
}
