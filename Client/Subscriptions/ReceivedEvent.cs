using System.Text;
using System.Text.Json;

namespace Rookery.Client;

/// <summary>An event as a subscriber got it.</summary>
public sealed class ReceivedEvent
{
    private readonly byte[] _line;
    private readonly Range _message;

    internal ReceivedEvent(Subscription subscription, byte[] line, in EventFields fields, int epoch)
    {
        (Subscription, _line, _message, Epoch) = (subscription, line, fields.Message, epoch);
        (Id, Sequence, Priority, Tries) = (fields.Id, fields.Sequence, fields.Priority, fields.Tries);
        PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(fields.PublishedAt);
    }

    /// <summary>The subscription it came by.</summary>
    public Subscription Subscription { get; }

    /// <summary>The topic.</summary>
    public string Topic => Subscription.Topic;

    /// <summary>Its number in the topic, from 1.</summary>
    public long Sequence { get; }

    /// <summary>The publisher's id, as text.</summary>
    public string Id { get; }

    /// <summary>Its priority, −128 to 127.</summary>
    public int Priority { get; }

    /// <summary>When the broker stored it.</summary>
    public DateTimeOffset PublishedAt { get; }

    /// <summary>How often it was delivered, this time included.</summary>
    public int Tries { get; }

    /// <summary>The message as JSON, UTF-8.</summary>
    public ReadOnlyMemory<byte> Message => _line.AsMemory(_message);

    /// <summary>The whole line as the broker sent it, UTF-8, without its end.</summary>
    public ReadOnlyMemory<byte> Line => _line;

    /// <summary>
    /// The message as text: of a JSON string its value, with U+FFFD in place of each half of a surrogate pair, which JSON allows and
    /// which is no text; of anything else its JSON.
    /// </summary>
    public string Text
    {
        get
        {
            var message = Message.Span;
            return message.StartsWith("\""u8) ? JsonString.Read(message) : Encoding.UTF8.GetString(message);
        }
    }

    /// <summary>The number of the connection it came on.</summary>
    internal int Epoch { get; }

    /// <summary>It was acknowledged or given back. Guarded by the subscription.</summary>
    internal bool Settled { get; set; }

    /// <summary>Reads the message.</summary>
    /// <exception cref="JsonException">The message does not have this shape, or a string in it is no Unicode text.</exception>
    public T? Deserialize<T>(JsonSerializerOptions? options = null) => JsonSerializer.Deserialize<T>(Message.Span, options);
}
