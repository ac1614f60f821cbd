using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Broker;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>
/// Publishes what was committed, in commit order, to the topics <c>tweets</c> and <c>users</c>. The number of a change is the
/// producer's number of its event, so what is published again after a crash, or after a reply that got lost, is stored once.
/// </summary>
public sealed partial class ChangeFeed : IAsyncDisposable
{
    private readonly SqliteTweetStore _store;
    private readonly IBroker _broker;
    private readonly ChangeFeedOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BackOff _backOff;
    private readonly ChangeWriter _writer;
    private readonly TopicCommands _tweets = new();
    private readonly TopicCommands _users = new();
    private BrokerDoor? _door;
    private ChangeReader? _reader;
    private long _published;
    private long _repeated;
    private long _gone;
    private long _refused;
    private long _retries;
    private volatile string? _trouble;

    /// <summary>A feed that is run by <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public ChangeFeed(
        SqliteTweetStore store, IBroker broker, ChangeFeedOptions? options = null, TimeProvider? time = null, ILogger<ChangeFeed>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(broker);
        _store = store;
        _broker = broker;
        _options = options ?? new ChangeFeedOptions();
        _options.Validate();
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<ChangeFeed>.Instance;
        _backOff = new BackOff(_options.Retry.First, _options.Retry.Longest);
        _writer = new ChangeWriter(broker.Limits.MaxMessageBytes);
    }

    /// <summary>Figures.</summary>
    public ChangeFeedStatus Status => new(
        Volatile.Read(ref _published),
        Volatile.Read(ref _repeated),
        Volatile.Read(ref _gone),
        Volatile.Read(ref _refused),
        Volatile.Read(ref _retries),
        _trouble);

    /// <summary>Publishes until cancelled; a store must have been opened before (<see cref="SqliteTweetStore.OpenAsync"/>).</summary>
    /// <exception cref="InvalidOperationException">The store was not opened.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_store.Producer is null)
        {
            throw new InvalidOperationException("The store has to be opened before its changes can be published.");
        }

        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await WaitForChangesAsync(cancellationToken).ConfigureAwait(false);
                await PublishNextAsync(cancellationToken).ConfigureAwait(false);
                Recovered();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (!await EndureAsync(e, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
    }

    /// <summary>Publishes what is committed by now, and returns: for the end of a program.</summary>
    /// <exception cref="OperationCanceledException">Given up; the rest is published after the next start.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var last = _store.LastChange;
        while (_store.PublishedChange < last)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await PublishNextAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                await EndureAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends the session and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _writer.Dispose();
    }

    private async Task WaitForChangesAsync(CancellationToken cancellationToken)
    {
        var after = _store.PublishedChange;
        var changes = _store.WaitForChangesAsync(after, cancellationToken);
        if (changes.IsCompleted)
        {
            await changes.ConfigureAwait(false);
            return;
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (await Task.WhenAny(changes, Task.Delay(_options.TrimAfter, _time, done.Token)).ConfigureAwait(false) != changes)
        {
            await _store.TrimAsync(cancellationToken).ConfigureAwait(false);
            Rest();
        }

        await done.CancelAsync().ConfigureAwait(false);
        await changes.ConfigureAwait(false);
    }

    /// <summary>Lets go of what is only worth its memory while changes come: the batches, and the pages that the reader keeps.</summary>
    private void Rest()
    {
        _tweets.Release();
        _users.Release();
        _reader?.Dispose();
        _reader = null;
    }

    private async Task PublishNextAsync(CancellationToken cancellationToken)
    {
        _door ??= await BrokerDoor.OpenAsync(_broker, _store.Producer, cancellationToken).ConfigureAwait(false);
        _reader ??= new ChangeReader(_store.OpenForReading());
        var (last, gone) = Read(_store.PublishedChange);
        var traced = _store.Traces.Take(last);
        using (var tweets = TweetTraces.Publishing(_tweets, traced))
        using (var users = TweetTraces.Publishing(_users, traced))
        {
            await Task.WhenAll(_door.ExecuteAsync(_tweets), _door.ExecuteAsync(_users)).ConfigureAwait(false);
        }

        if ((Failure(_tweets) ?? Failure(_users)) is { } why)
        {
            throw new BrokerUnavailableException(why);
        }

        Count(_tweets);
        Count(_users);
        Interlocked.Add(ref _gone, gone);
        _store.Published(last);
    }

    private (long Last, int Gone) Read(long after)
    {
        _tweets.Reset(Topics.Tweets, 0);
        _users.Reset(Topics.Users, 0);
        var (last, gone) = (_store.LastChange, 0);
        var count = 0;
        _reader!.Start(after, _options.BatchSize);
        while (_reader.Next())
        {
            count++;
            last = _reader.Number;
            if (_reader.IsGone)
            {
                gone++;
                continue;
            }

            Add(_reader);
        }

        return (count == 0 ? Math.Max(after, last) : last, gone);
    }

    private void Add(ChangeReader change)
    {
        Span<byte> buffer = stackalloc byte[ChangeWriter.MaxIdBytes];
        var id = ChangeWriter.WriteId(change.Id, buffer);
        if (change.IsTweet)
        {
            var tweet = change.Tweet;
            _tweets.Publish(id, _writer.Write(tweet), (sbyte)tweet.Priority, number: change.Number);
        }
        else
        {
            _users.Publish(id, _writer.Write(change.User), number: change.Number);
        }
    }

    /// <summary>Why a batch has to be published again; null where it has not.</summary>
    private static string? Failure(TopicCommands commands)
    {
        var left = PublishResults.FirstLeft(commands);
        return left < 0 ? null : $"{commands.Topic}: {commands.Results[left].Detail ?? commands.Results[left].Outcome.ToString()}";
    }

    private void Count(TopicCommands commands)
    {
        for (var i = 0; i < commands.Commands.Length; i++)
        {
            ref readonly var result = ref commands.Results[i];
            if (result.Outcome is Outcome.Done or Outcome.Repeated)
            {
                Interlocked.Increment(ref _published);
                Interlocked.Add(ref _repeated, result.Outcome == Outcome.Repeated ? 1 : 0);
            }
            else
            {
                Interlocked.Increment(ref _refused);
                LogRefused(commands.Topic, commands.Commands[i].Number, result.Detail ?? result.Outcome.ToString());
            }
        }
    }

    private void Recovered()
    {
        _backOff.Reset();
        if (_trouble is not null)
        {
            _trouble = null;
            LogRecovered();
        }
    }

    private async Task<bool> EndureAsync(Exception e, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _retries);
        if (_trouble is null)
        {
            LogTrouble(e.Message, e is BrokerUnavailableException or StoreUnavailableException ? null : e);
        }

        _trouble = e.Message;
        await CloseAsync().ConfigureAwait(false);
        try
        {
            await Task.Delay(_backOff.Next(), _time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async ValueTask CloseAsync()
    {
        _reader?.Dispose();
        _reader = null;
        if (_door is { } door)
        {
            _door = null;
            await door.DisposeAsync().ConfigureAwait(false);
        }
    }

    [LoggerMessage(LogLevel.Warning, "changes cannot be published at present: {Reason}; nothing is lost, they wait")]
    private partial void LogTrouble(string reason, Exception? cause);

    [LoggerMessage(LogLevel.Information, "changes are published again")]
    private partial void LogRecovered();

    [LoggerMessage(LogLevel.Error, "{Topic}: the broker will not take change {Number}: {Reason}; it is left out")]
    private partial void LogRefused(TopicName topic, long number, string reason);
}
