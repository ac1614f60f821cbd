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

    private Task GuardAsync(string what, Func<Task> operation, CancellationToken cancellationToken) => StorageGuard.RunAsync(
        what, "the position of the change feed", operation, topics.Options.Log.StorageTimeout, topics.Time,
        static (_, words) => new StoreUnavailableException(words), cancellationToken);
}
