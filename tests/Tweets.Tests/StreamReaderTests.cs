namespace Rookery.Tweets.Tests;

public class StreamReaderTests
{
    private readonly TweetBlockPool _pool = new(4 << 10, kept: 4);

    [Fact]
    public void However_a_stream_is_split_its_tweets_are_the_same_and_all_blocks_come_back()
    {
        Property.Holds(random =>
        {
            var pool = new TweetBlockPool(4 << 10);
            var reader = new TweetStreamReader(new SequenceSource());
            var count = random.Next(1, 60);
            var stream = Streams.Utf8(string.Concat(Enumerable.Range(1, count).Select(id =>
                $"event: \"message\"\n\nid: {id}\ndata: {Streams.Tweet(id, new string('x', random.Next(10) == 0 ? random.Next(20_000) : random.Next(100)) + "\\u00e4")}\n\n")));
            var ids = new List<long>();
            var sequences = new List<long>();
            var block = pool.Rent();
            for (var at = 0; at < stream.Length;)
            {
                var bytes = Math.Min(block.Free.Length, Math.Min(random.Next(1, 5000), stream.Length - at));
                Assert.True(bytes > 0);
                stream.AsSpan(at, bytes).CopyTo(block.Free.Span);
                block.Advance(bytes);
                at += bytes;
                if (reader.Read(block) == 0)
                {
                    continue;
                }

                var next = reader.Detach(block, pool);
                for (var i = 0; i < block.Count; i++)
                {
                    ids.Add(block[i].Id);
                    sequences.Add(block.FirstSequence + i);
                    Assert.EndsWith("ä", block.Text(block[i].Text), StringComparison.Ordinal);
                }

                block.Release();
                block = next;
            }

            block.Release();
            Assert.Equal(Enumerable.Range(1, count).Select(id => (long)id), ids);
            Assert.Equal(ids, sequences);
            Assert.Equal((0, 0L), (pool.BlocksInUse, pool.BytesInUse));
            Assert.Equal($"{count}", reader.LastEventId);
            Assert.Equal((count, count, 0L), (reader.Counters.Events, reader.Counters.Tweets, reader.Counters.Rejected));
        }, 200);
    }

    [Fact]
    public void Half_an_event_at_the_end_of_a_stream_is_counted_and_forgotten()
    {
        var reader = new TweetStreamReader(new SequenceSource());
        var block = Streams.Read(reader, _pool, Streams.Utf8("id: 3\nretry: 250\ndata: " + Streams.Tweet(1) + "\n\ndata: {\"id\":2,"));
        reader.EndOfStream();

        Assert.Equal(1, reader.Counters.Unfinished);
        Assert.Equal(("3", TimeSpan.FromMilliseconds(250)), (reader.LastEventId, reader.Retry));
        Assert.Equal(1, block.Count);
        Assert.Equal(4, Streams.Read(reader, _pool, Streams.Utf8("data: " + Streams.Tweet(4) + "\n\n"))[0].Id);
    }

    [Fact]
    public void An_event_that_is_too_long_is_counted_and_the_next_one_read()
    {
        var reader = new TweetStreamReader(new SequenceSource(), new ReaderOptions { MaxEventBytes = 1024 });
        var block = Streams.Read(reader, _pool, Streams.Utf8($"data: {Streams.Tweet(1, new string('x', 2000))}\n\ndata: {Streams.Tweet(2)}\n\n"));

        Assert.Equal(2, Assert.Single(block.Records.ToArray()).Id);
        Assert.Equal(1, reader.Counters.TooLong);
    }

    [Fact]
    public void HTML_instead_of_a_stream_gives_nothing()
    {
        var reader = new TweetStreamReader(new SequenceSource());
        var block = Streams.Read(reader, _pool, Streams.Utf8("<!DOCTYPE html>\n<html><body>\n\n<h1>500</h1>\n\n</body></html>\n"));

        Assert.Equal((0, 0L), (block.Count, reader.Counters.Events));
    }

    [Fact]
    public void A_block_is_read_once()
    {
        var reader = new TweetStreamReader(new SequenceSource());
        var block = Streams.Read(reader, _pool, Streams.Utf8($"data: {Streams.Tweet(1)}\n\n"));

        Assert.Throws<InvalidOperationException>(() => reader.Read(block));
    }

    [Fact]
    public void Streams_that_share_a_source_never_share_a_number()
    {
        var sequences = new SequenceSource();
        var first = Streams.Block(_pool, sequences, Streams.Tweet(1), Streams.Tweet(2));
        var second = Streams.Block(_pool, sequences, Streams.Tweet(1));

        Assert.Equal((1, 3, 3), (first.FirstSequence, second.FirstSequence, sequences.Last));
    }

    [Fact]
    public void A_block_goes_back_with_its_last_reference_and_comes_again_empty()
    {
        var returned = 0;
        _pool.Returned = () => returned++;
        var block = Streams.Block(_pool, new SequenceSource(), Streams.Tweet(1));
        block.Retain();

        block.Release();
        Assert.Equal((1, 0), (_pool.BlocksInUse, returned));
        block.Release();
        Assert.Equal((0, 1), (_pool.BlocksInUse, returned));

        Assert.Throws<ObjectDisposedException>(block.Release);
        var again = _pool.Rent();
        Assert.Equal((0, 0, 0), (again.Count, again.Filled, again.TweetCount));
    }

    [Fact]
    public void A_block_that_grew_is_counted_and_not_kept()
    {
        var block = Streams.Block(_pool, new SequenceSource(), Streams.Tweet(1, new string('x', 100_000)));

        Assert.True(_pool.BytesInUse >= 100_000);
        block.Release();
        Assert.Equal(0, _pool.BytesInUse);
        Assert.Equal(4 << 10, _pool.Rent().Capacity);
    }

    [Theory]
    [InlineData(1023)]
    [InlineData((64 << 20) + 1)]
    public void A_limit_out_of_bounds_is_named(int bytes)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => new TweetStreamReader(new SequenceSource(), new ReaderOptions { MaxEventBytes = bytes }));

        Assert.Contains($"MaxEventBytes is {bytes}; it must be 1024 to 67108864.", error.Message, StringComparison.Ordinal);
    }
}
