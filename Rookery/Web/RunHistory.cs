using System.Text.Json;

namespace Rookery.Command;

/// <summary>
/// The figures that the page draws, of the last two minutes: who opens it sees them at once, and a page that was away for a while
/// gets what it missed.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class RunHistory(TimeProvider time)
{
    /// <summary>Moments kept, one a second: two minutes, and the one before, from which the first of them grew.</summary>
    public const int Most = 121;

    private readonly Lock _gate = new();
    private readonly Queue<Moment> _moments = new(Most);

    /// <summary>Remembers the figures of now.</summary>
    public void Add(StatusFigures now)
    {
        var moment = new Moment(
            time.GetUtcNow().ToUnixTimeMilliseconds(), now.Published, now.Delivered, now.Tweets?.In, now.Tweets?.Scored, now.Tweets?.Stored, now.Tweets?.LastBatch);
        lock (_gate)
        {
            if (_moments.Count == Most)
            {
                _moments.Dequeue();
            }

            _moments.Enqueue(moment);
        }
    }

    /// <summary>Writes them, the oldest first, as statuses that have nothing but these figures.</summary>
    public void Write(Utf8JsonWriter json)
    {
        Moment[] moments;
        lock (_gate)
        {
            moments = [.. _moments];
        }

        json.WriteStartArray();
        foreach (var moment in moments)
        {
            moment.Write(json);
        }

        json.WriteEndArray();
    }

    private readonly record struct Moment(
        long Time, long Published, long Delivered, long? In, long? Scored, long? Stored, (int Records, TimeSpan Time)? Batch)
    {
        public void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteNumber("time", Time);
            json.WriteStartObject("broker");
            json.WriteNumber("published", Published);
            json.WriteNumber("delivered", Delivered);
            json.WriteEndObject();
            if (In is { } read && Scored is { } scored)
            {
                json.WriteStartObject("tweets");
                json.WriteNumber("in", read);
                json.WriteNumber("scored", scored);
                if (Stored is { } stored && Batch is { } batch)
                {
                    json.WriteNumber("stored", stored);
                    json.WriteStartObject("store");
                    json.WriteNumber("batch", batch.Records);
                    StatusJson.WriteTime(json, batch.Time);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }
    }
}
