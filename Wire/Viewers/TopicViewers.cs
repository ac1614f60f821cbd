using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// Shows the tweets that are published to a topic, wherever they were processed: each viewer is a subscription without a name.
/// Events are settled as they come, so that a slow viewer, who skips some, keeps none from being given back.
/// </summary>
/// <param name="broker">The broker.</param>
/// <param name="topic">The topic; its messages are objects with a <c>text</c> and, where it differs, the text <c>censored</c>.</param>
/// <param name="time">The clock of pauses.</param>
public sealed class TopicViewers(IBroker broker, TopicName topic, TimeProvider time) : IViewerSource
{
    private const int Queued = 256;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ViewedTweet> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var watch = new Watch();
        IBrokerSession session;
        try
        {
            session = await broker.OpenAsync(new SessionIdentity(), watch, cancellationToken).ConfigureAwait(false);
        }
        catch (BrokerUnavailableException)
        {
            yield break;
        }

        await using var _ = session.ConfigureAwait(false);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        watch.Acks = new StreamAcks(topic, () => session, time, ended.Token);
        var commands = new TopicCommands();
        commands.Reset(topic, 0);
        commands.Subscribe(new SubscribeOptions { Window = Math.Min(Queued, broker.Limits.MaxWindow) });
        await session.ExecuteAsync(commands).ConfigureAwait(false);
        if (commands.Results[0].Outcome != Outcome.Done)
        {
            yield break;
        }

        await foreach (var tweet in watch.Tweets.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return tweet;
        }
    }

    private sealed class Watch : ISessionReceiver
    {
        private readonly Channel<ViewedTweet> _tweets = Channel.CreateBounded<ViewedTweet>(new BoundedChannelOptions(Queued) { SingleReader = true });
        private long _skipped;

        public StreamAcks Acks { get; set; } = null!;

        public ChannelReader<ViewedTweet> Tweets => _tweets.Reader;

        public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
        {
            var seen = new long[deliveries.Length];
            for (var i = 0; i < deliveries.Length; i++)
            {
                seen[i] = deliveries[i].Sequence;
                if (TextOf(deliveries[i].Message) is { } text)
                {
                    var skipped = Interlocked.Exchange(ref _skipped, 0);
                    if (!_tweets.Writer.TryWrite(new ViewedTweet(null, text, skipped)))
                    {
                        Interlocked.Add(ref _skipped, skipped + 1);
                    }
                }
            }

            Acks.Add(seen);
        }

        public void Dropped(TopicName topic, long after) => _tweets.Writer.TryComplete();

        public void Close(SessionEnd reason) => _tweets.Writer.TryComplete();

        // Anybody may publish anything, also strings and names that are no Unicode text; at those the readers of the framework throw.
        // So names are compared as they are written, and the text is decoded here.
        private static string? TextOf(ReadOnlyMemory<byte> message)
        {
            using var json = JsonDocument.Parse(message);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            string? text = null, censored = null;
            foreach (var property in json.RootElement.EnumerateObject())
            {
                var name = JsonMarshal.GetRawUtf8PropertyName(property);
                if (property.Value.ValueKind == JsonValueKind.String && (name.SequenceEqual("text"u8) || name.SequenceEqual("censored"u8)))
                {
                    ref var found = ref name.Length == 4 ? ref text : ref censored;
                    found = JsonText.Text(JsonMarshal.GetRawUtf8Value(property.Value)[1..^1]);
                }
            }

            return censored ?? text;
        }
    }
}
