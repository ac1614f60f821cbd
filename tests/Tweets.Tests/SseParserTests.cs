using System.Text;

namespace Rookery.Tweets.Tests;

public class SseParserTests
{
    private const int Limit = 4096;

    [Fact]
    public void The_quoted_event_name_and_its_blank_line_pass_without_notice()
    {
        Assert.Equal(
            ["message|{\"message\": 1}", "message|{\"message\": panic}"],
            Parse("event: \"message\"\n\ndata: {\"message\": 1}\n\nevent: \"message\"\n\ndata: {\"message\": panic}\n\n"));
    }

    [Theory]
    [InlineData("data: a\n\ndata: b\n\n")]
    [InlineData("data: a\r\rdata: b\r\r")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n")]
    [InlineData("data: a\r\n\ndata: b\r\n\r")]
    [InlineData("\uFEFFdata: a\n\ndata: b\n\n")]
    [InlineData(": comment\ndata:a\n:\n\n:\n\ndata:b\nunknown: x\nnothing\n\n")]
    public void Line_ends_byte_order_mark_comments_and_unknown_fields_do_not_matter(string stream)
    {
        Assert.Equal(["message|a", "message|b"], Parse(stream));
    }

    [Theory]
    [InlineData("data: a\ndata: b\n\n", "message|a\nb")]
    [InlineData("data: a\r\ndata:  b\r\ndata\r\ndata: c\r\n\r\n", "message|a\n b\n\nc")]
    [InlineData("data\n\n", "message|")]
    [InlineData("data:\ndata:\n\n", "message|\n")]
    [InlineData("data: a\nevent: tick\n\n", "tick|a")]
    [InlineData("event: \"message\"\ndata: a\n\n", "message|a")]
    [InlineData("event: tick\nevent\ndata: a\n\n", "message|a")]
    public void Lines_of_data_are_joined_and_types_kept(string stream, string expected)
    {
        Assert.Equal([expected], Parse(stream));
    }

    [Fact]
    public void An_event_without_data_is_none_and_resets_the_type()
    {
        Assert.Equal(["message|a"], Parse("event: tick\n\ndata: a\n\n"));
    }

    [Fact]
    public void An_event_that_the_stream_does_not_finish_is_dropped_and_known_to_be()
    {
        var parser = new SseParser(Limit);

        Assert.False(parser.TryRead(Streams.Utf8("data: a\n"), out _));

        Assert.True(parser.End());
        Assert.Equal(["message|b"], Parse("data: b\n\n", parser));
        Assert.False(parser.End());
    }

    [Fact]
    public void The_last_id_is_that_of_the_last_finished_event()
    {
        var parser = new SseParser(Limit);
        Parse("id: 7\ndata: a\n\nid: 8\ndata: b\n", parser);

        Assert.Equal("7", parser.LastEventId);

        parser.End();
        Parse("data: c\n\n", parser);
        Assert.Equal("7", parser.LastEventId);
        Parse("id\n\n", parser, keep: true);
        Assert.Equal("", parser.LastEventId);
    }

    [Fact]
    public void An_id_with_a_null_in_it_is_ignored()
    {
        var parser = new SseParser(Limit);
        Parse("id: 7\n\nid: a\0b\n\n", parser);

        Assert.Equal("7", parser.LastEventId);
    }

    [Theory]
    [InlineData("retry: 1500\n", 1500)]
    [InlineData("retry: 1500\nretry: soon\nretry: -1\nretry:\n", 1500)]
    [InlineData("retry: 15s\n", null)]
    public void The_waiting_time_is_taken_from_digits_only(string stream, int? milliseconds)
    {
        var parser = new SseParser(Limit);
        Parse(stream, parser);

        Assert.Equal(milliseconds is { } value ? TimeSpan.FromMilliseconds(value) : null, parser.Retry);
    }

    [Theory]
    [InlineData(Limit, true)]
    [InlineData(Limit + 1, false)]
    public void An_event_over_the_limit_is_dropped_and_the_next_one_read(int length, bool taken)
    {
        var parser = new SseParser(Limit);
        var events = Parse($"data: {new string('x', length)}\n\ndata: b\n\n", parser);

        Assert.Equal(taken ? 2 : 1, events.Count);
        Assert.Equal("message|b", events[^1]);
        Assert.Equal(taken ? 0 : 1, parser.TooLong);
    }

    [Fact]
    public void Many_lines_over_the_limit_are_dropped_too()
    {
        var parser = new SseParser(Limit);
        var lines = string.Concat(Enumerable.Repeat($"data: {new string('x', 1000)}\n", 10));

        Assert.Equal(["message|b"], Parse($"{lines}id: 1\n\ndata: b\n\n", parser));
        Assert.Equal(1, parser.TooLong);
    }

    [Fact]
    public void An_endless_line_needs_no_endless_buffer()
    {
        var parser = new SseParser(1024);
        var buffer = new byte[4096];
        var kept = 0;
        for (var i = 0; i < 100; i++)
        {
            buffer.AsSpan(kept, 1000).Fill((byte)'x');
            Assert.False(parser.TryRead(buffer.AsSpan(0, kept + 1000), out _));
            var done = parser.KeepFrom;
            kept = kept + 1000 - done;
            parser.Rebase(done);
            Assert.True(kept <= 2048, $"{kept} bytes are kept.");
        }

        Assert.Equal(1, parser.TooLong);
    }

    [Fact]
    public void However_the_bytes_are_split_the_events_are_the_same()
    {
        Property.Holds(random =>
        {
            var stream = RandomStream(random);
            var whole = new SseParser(64);
            var parser = new SseParser(64);

            Assert.Equal(Parse(stream, whole), Parse(stream, parser, () => random.Next(1, 12)));
            Assert.Equal(whole.LastEventId, parser.LastEventId);
            Assert.Equal(whole.Retry, parser.Retry);
            Assert.Equal(whole.TooLong, parser.TooLong);
            Assert.Equal(whole.End(), parser.End());
        });
    }

    private static string RandomStream(Random random)
    {
        var stream = new StringBuilder(random.Pick("", "\uFEFF"));
        var lines = random.Next(40);
        for (var i = 0; i < lines; i++)
        {
            stream.Append(random.Pick(
                "", "", "data: ä", "data:", "data", "data: {\"a\":1}", ": hello", "event: \"message\"", "event: x", "id: 5", "id: 日",
                "id: a\0", "retry: 10", "retry: x", "field: value", " data: x", $"data: {new string('x', random.Next(50, 80))}"));
            stream.Append(random.Pick("\n", "\r", "\r\n"));
        }

        return stream.Append(random.Pick("", "data: cut", "\n")).ToString();
    }

    private static List<string> Parse(string stream, SseParser? parser = null, Func<int>? step = null, bool keep = false)
    {
        parser ??= new SseParser(Limit);
        _ = keep || parser.End();
        var events = new List<string>();
        var bytes = Streams.Utf8(stream);
        var buffer = new byte[bytes.Length];
        var (kept, at) = (0, 0);
        do
        {
            var count = Math.Min(step?.Invoke() ?? bytes.Length, bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(buffer.AsSpan(kept));
            at += count;
            kept += count;
            while (parser.TryRead(buffer.AsSpan(0, kept), out var data))
            {
                events.Add($"{parser.EventType}|{Encoding.UTF8.GetString(buffer, data.Start, data.Length)}");
            }

            var done = parser.KeepFrom;
            buffer.AsSpan(done, kept - done).CopyTo(buffer);
            kept -= done;
            parser.Rebase(done);
        }
        while (at < bytes.Length);
        return events;
    }
}
