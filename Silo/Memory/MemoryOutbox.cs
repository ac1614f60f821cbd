using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rookery.Broker;
using Rookery.Grains;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>
/// Publishes what is written to the memory of this process to the topics <c>tweets</c> and <c>users</c>, in that order and numbered. While the
/// topics take nothing, the changes wait; while too many wait, nothing is written.
/// </summary>
internal sealed class MemoryOutbox(TopicPublisher publisher, MemoryUsers users, BrokerLimits limits, ILogger<MemoryOutbox> logger) : BackgroundService
{
    private const int Most = 50_000;
    private const int MostAtATime = 500;
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    private readonly Channel<(object What, bool IsCreated)> _changes = Channel.CreateUnbounded<(object, bool)>();
    private readonly ChangeWriter _writer = new(limits.MaxMessageBytes);
    private readonly string _producer = $"memory-{Guid.NewGuid():N}";
    private long _number;

    /// <summary>Adds a tweet that was written.</summary>
    public void Add(ScoredTweet tweet, bool isCreated) => _changes.Writer.TryWrite((tweet, isCreated));

    /// <summary>Adds a user that was written.</summary>
    public void Add(TweetAuthor author, bool isCreated) => _changes.Writer.TryWrite((author, isCreated));

    /// <summary>Waits until there is room for a batch.</summary>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (_changes.Reader.Count >= Most)
        {
            await Task.Delay(Again, cancellationToken).ConfigureAwait(false);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _writer.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (tweets, authors) = (new TopicCommands(), new TopicCommands());
        try
        {
            while (await _changes.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
            {
                tweets.Reset(TopicName.Parse(TopicNames.Tweets), 0);
                authors.Reset(TopicName.Parse(TopicNames.Users), 0);
                while (tweets.Commands.Length + authors.Commands.Length < MostAtATime && tweets.Bytes < limits.MaxMessageBytes
                    && _changes.Reader.TryRead(out var change))
                {
                    Write(change.What, change.IsCreated, tweets, authors);
                }

                await PublishAsync(tweets, stoppingToken).ConfigureAwait(false);
                await PublishAsync(authors, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo ends, and with it what is in its memory.
        }
    }

    private async Task PublishAsync(TopicCommands commands, CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = await publisher.PublishAsync(commands, _producer, cancellationToken).ConfigureAwait(false);
            if (end.Outcome == Outcome.Done)
            {
                return;
            }

            SiloLog.NotPublished(logger, commands.Commands.Length, commands.Topic.Value, end.Detail ?? end.Outcome.ToString());
            await Task.Delay(Again, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Write(object what, bool isCreated, TopicCommands tweets, TopicCommands authors)
    {
        Span<byte> buffer = stackalloc byte[ChangeWriter.MaxIdBytes];
        if (what is ScoredTweet tweet)
        {
            var change = TweetChange.Of(tweet, tweet.Author is { } by ? ChangeOf(by, isCreated: false) : default, isCreated);
            tweets.Publish(ChangeWriter.WriteId(tweet.Id, buffer), _writer.Write(change), (sbyte)change.Priority, number: ++_number);
        }
        else if (what is TweetAuthor author)
        {
            authors.Publish(ChangeWriter.WriteId(author.Id, buffer), _writer.Write(ChangeOf(author, isCreated)), number: ++_number);
        }
    }

    private UserChange ChangeOf(TweetAuthor author, bool isCreated) => UserChange.Of(author, users.TotalOf(author.Id), isCreated);
}
