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
                _users.Publish(id, _writer.Write(ChangeOf(user, isCreated)), number: number);
                return true;
            }

            return false;
        }

        if (rows.Tweets.TryGetValue(change.Id, out var tweet))
        {
            var message = ChangeOf(tweet, rows.Users.GetValueOrDefault(tweet.UserId), isCreated);
            _tweets.Publish(id, _writer.Write(message), (sbyte)message.Priority, number: number);
            return true;
        }

        return false;
    }

    private static TweetChange ChangeOf(ScoredTweet tweet, StoredUser? user, bool isCreated) => new()
    {
        IsCreated = isCreated,
        Id = tweet.Id,
        Text = tweet.Text.Span,
        Censored = tweet.Censored.Span,
        User = (user ?? AuthorOf(tweet)) is { } author ? ChangeOf(author, isCreated: false) : new UserChange { Id = tweet.UserId },
        Sentiment = tweet.Sentiment,
        Engagement = tweet.Engagement,
        Favorites = tweet.Favorites,
        Retweets = tweet.Retweets,
        Hashtags = Joined(tweet.Hashtags),
        Language = tweet.Language.Span,
        CreatedAt = tweet.CreatedAt == 0 ? null : tweet.CreatedAt,
        RetweetedId = tweet.RetweetedId,
        QuotedId = tweet.QuotedId,
    };

    /// <summary>The author as the tweet knows it, where the user is not stored yet.</summary>
    private static StoredUser? AuthorOf(ScoredTweet tweet) => tweet.Author is { } author ? new StoredUser(author, default) : null;

    private static UserChange ChangeOf(StoredUser stored, bool isCreated) => new()
    {
        IsCreated = isCreated,
        Id = stored.User.Id,
        ScreenName = stored.User.ScreenName.Span,
        Name = stored.User.Name.Span,
        Followers = stored.User.Followers,
        Engagement = stored.Engagement,
        TweetId = stored.User.TweetId,
    };

    private static byte[] Joined(IReadOnlyList<ReadOnlyMemory<byte>> hashtags)
    {
        if (hashtags.Count == 0)
        {
            return [];
        }

        var joined = new byte[hashtags.Sum(one => one.Length + 1)];
        var at = 0;
        foreach (var hashtag in hashtags)
        {
            hashtag.Span.CopyTo(joined.AsSpan(at));
            at += hashtag.Length;
            joined[at++] = (byte)' ';
        }

        return joined;
    }

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
