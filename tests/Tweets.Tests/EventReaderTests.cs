namespace Rookery.Tweets.Tests;

public class EventReaderTests
{
    private readonly TweetBlockPool _pool = new(4 << 10);

    [Fact]
    public void Whole_events_give_the_records_that_a_stream_of_them_gives()
    {
        Property.Holds(random =>
        {
            var events = Enumerable.Range(1, random.Next(1, 40)).Select(id => random.Next(6) switch
            {
                0 => "{\"message\": panic}",
                1 => "no tweet",
                _ => Streams.Tweet(id, new string('x', random.Next(400)) + "\\u00e4"),
            }).ToList();
            var block = Streams.Read(new TweetStreamReader(new SequenceSource()), new TweetBlockPool(), Streams.Utf8(string.Concat(events.Select(e => $"data: {e}\n\n"))));
            var (reader, records) = (new TweetEventReader(new SequenceSource()), new List<(RecordKind, long, string)>());
            var current = _pool.Rent();
            foreach (var one in events.Select(Streams.Utf8))
            {
                if (!reader.TryAdd(current, one))
                {
                    Take();
                    current = _pool.Rent(one.Length);
                    Assert.True(reader.TryAdd(current, one));
                }
            }

            Take();
            var expected = new List<(RecordKind, long, string)>();
            for (var i = 0; i < block.Count; i++)
            {
                expected.Add((block[i].Kind, block[i].Id, block.Text(block[i].Text)));
            }

            Assert.Equal(expected, records);
            Assert.Equal(events.Count(e => e == "no tweet"), reader.Counters.Rejected);
            Assert.Equal((events.Count, 0L), (reader.Counters.Events, _pool.BytesInUse));

            void Take()
            {
                reader.Seal(current);
                Assert.Equal(records.Count + 1, current.FirstSequence);
                for (var i = 0; i < current.Count; i++)
                {
                    records.Add((current[i].Kind, current[i].Id, current.Text(current[i].Text)));
                }

                current.Release();
            }
        }, 200);
    }

    [Fact]
    public void An_event_of_any_size_fits_into_an_empty_block_and_one_that_is_too_long_is_counted()
    {
        var reader = new TweetEventReader(new SequenceSource(), new ReaderOptions { MaxEventBytes = 50_000 });
        var block = _pool.Rent();
        Assert.True(reader.TryAdd(block, Streams.Utf8(Streams.Tweet(1, new string('x', 60_000)))));
        Assert.Equal((0, 1L), (block.Count, reader.Counters.TooLong));
        Assert.True(reader.TryAdd(block, Streams.Utf8(Streams.Tweet(2, new string('x', 40_000)))));
        Assert.False(reader.TryAdd(block, Streams.Utf8(Streams.Tweet(3, new string('x', 40_000)))));
        Assert.Equal(2, Assert.Single(block.Records.ToArray()).Id);
    }
}
