using System.Globalization;
using System.Text.Json;

namespace Rookery.Client;

/// <summary>Where a new subscription begins.</summary>
public sealed record StartFrom
{
    private readonly string? _text;
    private readonly long _sequence;

    private StartFrom(string? text, long sequence) => (_text, _sequence) = (text, sequence);

    /// <summary>With what is published from now on.</summary>
    public static StartFrom New { get; } = new("new", 0);

    /// <summary>With the oldest event the topic keeps.</summary>
    public static StartFrom Start { get; } = new("start", 0);

    /// <summary>With this event, or the oldest kept behind it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public static StartFrom Sequence(long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        return new StartFrom(null, sequence);
    }

    /// <summary>With the first event published at this time or later.</summary>
    public static StartFrom Time(DateTimeOffset time) =>
        new(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), 0);

    /// <summary>Reads <c>new</c>, <c>start</c>, a sequence number, or an RFC 3339 time.</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static StartFrom Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text switch
        {
            "new" => New,
            "start" => Start,
            _ when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && sequence > 0 => Sequence(sequence),
            _ when text.Contains('T', StringComparison.Ordinal)
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => Time(time),
            _ => throw new FormatException($"\"{text}\" is no place to start from; use new, start, a sequence number from 1, or a time such as 2026-01-31T12:00:00Z"),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => _text ?? _sequence.ToString(CultureInfo.InvariantCulture);

    internal void WriteTo(Utf8JsonWriter json)
    {
        if (_text is null)
        {
            json.WriteNumber("from", _sequence);
        }
        else
        {
            json.WriteString("from", _text);
        }
    }
}
