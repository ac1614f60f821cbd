using Microsoft.Extensions.Logging;
using Rookery.Broker;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>Publishes a run of changes to the topics <c>tweets</c> and <c>users</c>, until they have taken it.</summary>
/// <remarks>
/// Of several changes of one tweet in a run the last number counts: the run may come in other pieces after a crash, and what is
/// stored by then has to get through to the topic under a number it has not seen. A topic takes its part of a run as a whole.
/// </remarks>
internal sealed class ChangePublisher(
    IChangeSource source,
    PublishBatch publish,
    ChangeFeedOptions options,
    int maxMessageBytes,
    ChangeFeedStatus status,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private readonly ChangeWriter _writer = new(maxMessageBytes);
    private readonly TopicCommands _tweets = For(TopicNames.Tweets);
    private readonly TopicCommands _users = For(TopicNames.Users);

    /// <summary>Publishes changes; completes when all of them are durable.</summary>
    /// <param name="producer">Who numbers them.</param>
    /// <param name="first">Number of the first; the others have those that follow, whether they are published or not.</param>
    /// <param name="changes">Changes in their order. Of several of one tweet or user the last is published, with what is stored by now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreUnavailableException">What is stored cannot be read at present.</exception>
    public async Task PublishAsync(string producer, long first, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var last = Last(changes);
        var rows = await source.FindAsync(Ids(last, ofTweets: true), Ids(last, ofTweets: false), cancellationToken);
        var gone = 0;
        for (var i = 0; i < changes.Count; i++)
        {
            if (last.TryGetValue((changes[i].IsTweet, changes[i].Id), out var one) && one.Index == i)
            {
                gone += TryAdd(rows, changes[i], one.IsCreated, first + i) ? 0 : 1;
                await PublishAsync(_tweets, producer, options.BatchBytes, cancellationToken);
                await PublishAsync(_users, producer, options.BatchBytes, cancellationToken);
            }
        }

        await PublishAsync(_tweets, producer, 0, cancellationToken);
        await PublishAsync(_users, producer, 0, cancellationToken);
        status.CountLeftOut(changes.Count - last.Count, gone);
    }

    public void Dispose() => _writer.Dispose();

    private static Dictionary<(bool IsTweet, long Id), (int Index, bool IsCreated)> Last(IReadOnlyList<Change> changes)
    {
        var last = new Dictionary<(bool IsTweet, long Id), (int Index, bool IsCreated)>(changes.Count);
        for (var i = 0; i < changes.Count; i++)
        {
            var key = (changes[i].IsTweet, changes[i].Id);
            last[key] = (i, changes[i].IsCreated || (last.TryGetValue(key, out var before) && before.IsCreated));
        }

        return last;
    }

    private static List<long> Ids(Dictionary<(bool IsTweet, long Id), (int Index, bool IsCreated)> last, bool ofTweets) =>
        [.. last.Keys.Where(key => key.IsTweet == ofTweets).Select(key => key.Id)];

    private bool TryAdd(StoredRows rows, Change change, bool isCreated, long number)
    {
        Span<byte> buffer = stackalloc byte[ChangeWriter.MaxIdBytes];
        var id = ChangeWriter.WriteId(change.Id, buffer);
        if (!change.IsTweet)
        {
            if (rows.Users.TryGetValue(change.Id, out var user))
            {
                _users.Publish(id, _writer.Write(UserChange.Of(user.User, user.Engagement, isCreated)), number: number);
                return true;
            }

            return false;
        }

        if (rows.Tweets.TryGetValue(change.Id, out var tweet))
        {
            var message = TweetChange.Of(tweet, AuthorOf(tweet, rows.Users.GetValueOrDefault(tweet.UserId)), isCreated);
            _tweets.Publish(id, _writer.Write(message), (sbyte)message.Priority, number: number);
            return true;
        }

        return false;
    }

    /// <summary>What is stored of the author, or as long as nothing is, what the tweet says.</summary>
    private static UserChange AuthorOf(ScoredTweet tweet, StoredUser? user) =>
        user is { } stored ? UserChange.Of(stored.User, stored.Engagement, isCreated: false)
        : tweet.Author is { } author ? UserChange.Of(author, default, isCreated: false)
        : new UserChange { Id = tweet.UserId };

    /// <summary>Publishes a batch that is larger than so many bytes, again and again until its topic has taken it.</summary>
    private async Task PublishAsync(TopicCommands commands, string producer, int above, CancellationToken cancellationToken)
    {
        if (commands.Bytes <= above)
        {
            return;
        }

        var backOff = new BackOff(options.Pause.First, options.Pause.Longest);
        while (await publish(commands, producer, cancellationToken) is { Outcome: not Outcome.Done } end)
        {
            status.CountRetry();
            var why = $"{commands.Topic}: {end.Detail ?? end.Outcome.ToString()}";
            if (status.Trouble is null)
            {
                ChangeFeedLog.Trouble(logger, why);
            }

            status.Trouble = why;
            await Task.Delay(backOff.Next(), time, cancellationToken);
        }

        Count(commands);
        commands.Reset(commands.Topic, 0);
    }

    private void Count(TopicCommands commands)
    {
        var (done, repeated) = (0, 0);
        for (var i = 0; i < commands.Commands.Length; i++)
        {
            ref readonly var result = ref commands.Results[i];
            done += result.Outcome == Outcome.Done ? 1 : 0;
            repeated += result.Outcome == Outcome.Repeated ? 1 : 0;
            if (result.Outcome is not (Outcome.Done or Outcome.Repeated))
            {
                ChangeFeedLog.Refused(logger, commands.Topic, commands.Commands[i].Number, result.Detail ?? result.Outcome.ToString());
            }
        }

        status.CountPublished(done, repeated, commands.Commands.Length - done - repeated);
    }

    private static TopicCommands For(string topic)
    {
        var commands = new TopicCommands();
        commands.Reset(TopicName.Parse(topic), 0);
        return commands;
    }
}

/// <summary>Publishes a batch to its topic (<see cref="TopicPublisher.PublishAsync"/>).</summary>
internal delegate Task<PublishEnd> PublishBatch(TopicCommands commands, string producer, CancellationToken cancellationToken);
