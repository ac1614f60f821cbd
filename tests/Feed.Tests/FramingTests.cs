using System.Globalization;
using System.Text;

namespace Rookery.Feed.Tests;

public class FramingTests
{
    [Fact]
    public void An_event_has_a_quoted_name_a_blank_line_and_one_line_of_data()
    {
        var sequence = Streams.Sequence(seed: 1);
        var buffer = new byte[sequence.NextMaxLength()];
        var writer = new FilledWriter(buffer);

        sequence.TryWrite(ref writer, buffer.Length, now: 16523062290197);

        var text = Encoding.UTF8.GetString(buffer, 0, writer.Length);
        Assert.StartsWith("event: \"message\"\n\ndata: {\"message\": {\"tweet\": {\"created_at\":\"", text, StringComparison.Ordinal);
        Assert.EndsWith("}, \"unix_timestamp_100us\": 16523062290197}}\n\n", text, StringComparison.Ordinal);
        Assert.Equal(4, text.Count(c => c == '\n'));
    }

    [Fact]
    public void The_kill_message_is_the_bare_word_in_the_same_frame()
    {
        var sequence = Streams.Sequence(seed: 1, panics: 1);
        var buffer = new byte[SseFrame.MaxLength];
        var writer = new FilledWriter(buffer);

        sequence.TryWrite(ref writer, buffer.Length, now: 0);

        Assert.Equal("event: \"message\"\n\ndata: {\"message\": panic}\n\n", Encoding.UTF8.GetString(buffer, 0, writer.Length));
    }

    [Fact]
    public async Task The_timestamp_is_the_time_of_sending_in_units_of_100_microseconds()
    {
        var time = new InstantTimeProvider();
        var options = new FeedOptions { Seed = 1, PanicProbability = 0, TweetsPerConnection = 1, Rate = FeedRate.Unlimited };

        var text = await Streams.WholeConnection(options, time);

        var expected = (time.GetUtcNow().ToUnixTimeMilliseconds() * 10).ToString(CultureInfo.InvariantCulture);
        Assert.EndsWith($", \"unix_timestamp_100us\": {expected}}}}}\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_written_where_there_may_not_be_room()
    {
        var sequence = Streams.Sequence(seed: 1);
        var room = sequence.NextMaxLength() - 1;
        var writer = new FilledWriter(new byte[room]);

        Assert.False(sequence.TryWrite(ref writer, room, now: 0));

        Assert.Equal(0, writer.Length);
        Assert.Equal(0, sequence.Tweets);
    }

    [Fact]
    public void No_event_is_longer_than_it_was_said_to_be()
    {
        var sequence = Streams.Sequence(seed: 5, panics: 0.2);
        var buffer = new byte[TweetWriter.BatchLength];
        for (var i = 0; i < 3_000; i++)
        {
            var most = sequence.NextMaxLength();
            var writer = new FilledWriter(buffer);
            Assert.True(sequence.TryWrite(ref writer, most, now: long.MaxValue));
            Assert.InRange(writer.Length, 1, most);
        }
    }
}
