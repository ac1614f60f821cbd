using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rookery.Tweets;

/// <summary>Writes statistics and hashtags as messages of events. One thread at a time.</summary>
public sealed class StatisticsWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;

    /// <summary>A writer.</summary>
    public StatisticsWriter() =>
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes the percentiles of a window; <c>text</c> is the sentence for people.</summary>
    /// <returns>The message, JSON, good until the next one.</returns>
    public ReadOnlySpan<byte> Write(TopicStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        Begin();
        _json.WriteNumber("p75_ms"u8, statistics.P75);
        _json.WriteNumber("p85_ms"u8, statistics.P85);
        _json.WriteNumber("p95_ms"u8, statistics.P95);
        _json.WriteNumber("samples"u8, statistics.Samples);
        _json.WriteNumber("processed"u8, statistics.Processed);
        _json.WriteNumber("crashes"u8, statistics.Crashes);
        _json.WriteString("text"u8, statistics.Sentence);
        return End();
    }

    /// <summary>Writes the most frequent hashtags.</summary>
    /// <param name="window">The time they were counted over.</param>
    /// <param name="top">The most frequent first.</param>
    /// <returns>The message, JSON, good until the next one.</returns>
    public ReadOnlySpan<byte> Write(TimeSpan window, IReadOnlyList<HashtagCount> top)
    {
        ArgumentNullException.ThrowIfNull(top);
        Begin();
        _json.WriteNumber("window_s"u8, window.TotalSeconds);
        _json.WriteStartArray("top"u8);
        foreach (var tag in top)
        {
            _json.WriteStartObject();
            _json.WriteString("tag"u8, tag.Tag);
            _json.WriteNumber("count"u8, tag.Count);
            _json.WriteNumber("error"u8, tag.Error);
            _json.WriteBoolean("guaranteed"u8, tag.Guaranteed);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        return End();
    }

    /// <summary>Ends the writer.</summary>
    public void Dispose() => _json.Dispose();

    private void Begin()
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
    }

    private ReadOnlySpan<byte> End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenSpan;
    }
}
