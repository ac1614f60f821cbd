namespace Rookery.Tweets.Tests;

public class TweetReaderTests
{
    private const string Full = """
        {"message": {"tweet": {"created_at":"Mon Apr 18 19:30:47 +0000 2016", "id":722145369921077249, "id_str":"722145369921077249",
        "text":"Hola \"mundo\" \ud83d\ude00 \u00e9", "lang":"es", "favorite_count": 3, "retweet_count": 4,
        "entities": {"hashtags":[{"text":"Uno","indices":[0,5]}, {"indices":[1,2],"text":"d\u00f3s"}], "urls":[{"text":"no"}]},
        "user": {"id": 12, "id_str":"12", "name":"Ana {[", "screen_name":"ana", "followers_count": 56, "description": null}},
        "unix_timestamp_100us": 16523062290197}}
        """;

    [Fact]
    public void A_tweet_is_read_with_all_that_is_used_of_it()
    {
        var block = Streams.Read(Full.ReplaceLineEndings(""));

        Assert.Equal(1, block.Count);
        ref var record = ref block[0];
        Assert.Equal(RecordKind.Tweet, record.Kind);
        Assert.Equal(722145369921077249, record.Id);
        Assert.Equal(12, record.UserId);
        Assert.Equal("Hola \"mundo\" 😀 é", block.Text(record.Text));
        Assert.Equal("es", block.Text(record.Language));
        Assert.Equal("ana", block.Text(record.ScreenName));
        Assert.Equal("Ana {[", block.Text(record.UserName));
        Assert.Equal((3, 4, 56), (record.Favorites, record.Retweets, record.Followers));
        Assert.Equal(DateTimeOffset.Parse("2016-04-18T19:30:47Z", null).ToUnixTimeMilliseconds(), record.CreatedAt);
        Assert.Equal(["Uno", "dós"], block.Hashtags(0));
        Assert.StartsWith("{\"created_at\"", block.Text(record.Json));
        Assert.EndsWith("\"description\": null}}", block.Text(record.Json));
        Assert.StartsWith("{\"id\": 12,", block.Text(record.UserJson));
        Assert.EndsWith("null}", block.Text(record.UserJson));
    }

    [Fact]
    public void A_retweet_and_the_tweets_quoted_are_records_of_their_own()
    {
        var block = Streams.Read("""
            {"message":{"tweet":{"id":1,"text":"RT","user":{"id":10},"retweeted_status":{"id":2,"text":"original","favorite_count":9,
            "user":{"id":20,"followers_count":7},"quoted_status":{"id":3,"text":"quoted","user":{"id":30}}},"quoted_status":{"id":3,"text":"quoted"},
            "retweet_count":5}}}
            """.ReplaceLineEndings(""));

        Assert.Equal([1L, 2, 3], block.Records.ToArray().Select(record => record.Id));
        Assert.Equal([RecordKind.Tweet, RecordKind.Retweeted, RecordKind.Quoted], block.Records.ToArray().Select(record => record.Kind));
        Assert.Equal([-1, 0, 1], block.Records.ToArray().Select(record => record.Parent));
        Assert.Equal([10L, 20, 30], block.Records.ToArray().Select(record => record.UserId));
        Assert.Equal((2, 3, 5), (block[0].RetweetedId, block[0].QuotedId, block[0].Retweets));
        Assert.Equal((0, 3, 9, 7), (block[1].RetweetedId, block[1].QuotedId, block[1].Favorites, block[1].Followers));
        Assert.StartsWith("{\"id\":2", block.Text(block[1].Json));
        Assert.EndsWith("\"text\":\"quoted\",\"user\":{\"id\":30}}}", block.Text(block[1].Json));
    }

    [Theory]
    [InlineData("""{"message": panic}""")]
    [InlineData("""{"message":panic}""")]
    [InlineData("""  { "message" :  panic }  """)]
    public void The_kill_message_is_a_record_that_is_no_tweet(string data)
    {
        var block = Streams.Read(data, out var reader);

        Assert.Equal((1, 0, 1), (block.Count, block.TweetCount, block.KillCount));
        Assert.Equal(1, reader.Counters.Kills);
    }

    [Theory]
    [InlineData("""{"message": panics}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": panic} x""", RejectReason.BrokenJson)]
    [InlineData("""{"messages": panic}""", RejectReason.NoTweet)]
    [InlineData("""{"message": {"tweet": {"id": 1, "text": "a"}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": 1, "text": "a}}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": 1, "text": "a"]}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": 1, "text": "a"}}}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": 1, "text": "a"}}} {}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": 1 "text": "a"}}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": 01, "text": "a"}}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": x, "text": "a"}}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": 1, "text": "a\q"}}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": 1, "text": "\u12"}}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": 1, "text": nul}}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": {"id": 1, text: "a"}}}""", RejectReason.BrokenJson)]
    [InlineData("""{"message": {"tweet": """, RejectReason.BrokenJson)]
    [InlineData("""{"message":""", RejectReason.BrokenJson)]
    [InlineData("""{:""", RejectReason.BrokenJson)]
    [InlineData("""{]""", RejectReason.BrokenJson)]
    [InlineData("""{""", RejectReason.BrokenJson)]
    [InlineData("", RejectReason.BrokenJson)]
    [InlineData("<html>", RejectReason.BrokenJson)]
    [InlineData("[1]", RejectReason.NotAnObject)]
    [InlineData("\"text\"", RejectReason.NotAnObject)]
    [InlineData("null", RejectReason.NotAnObject)]
    [InlineData("7", RejectReason.NotAnObject)]
    [InlineData("""{"message": {"tweet": null}}""", RejectReason.NotAnObject)]
    [InlineData("""{"message": {"tweet": [1]}}""", RejectReason.NotAnObject)]
    [InlineData("""{}""", RejectReason.NoTweet)]
    [InlineData("""{"delete": {"status": {"id": 1}}}""", RejectReason.NoTweet)]
    [InlineData("""{"message": {"tweet": {"text": "a"}}}""", RejectReason.NoId)]
    [InlineData("""{"message": {"tweet": {"id": null, "text": "a"}}}""", RejectReason.NoId)]
    [InlineData("""{"message": {"tweet": {"id": "1", "text": "a"}}}""", RejectReason.NoId)]
    [InlineData("""{"message": {"tweet": {"id": -1, "text": "a"}}}""", RejectReason.NoId)]
    [InlineData("""{"message": {"tweet": {"id": 1.5, "id_str": "x", "text": "a"}}}""", RejectReason.NoId)]
    [InlineData("""{"message": {"tweet": {"id": 1}}}""", RejectReason.NoText)]
    [InlineData("""{"message": {"tweet": {"id": 1, "text": null}}}""", RejectReason.NoText)]
    [InlineData("""{"message": {"tweet": {"id": 1, "text": {"a": 1}}}}""", RejectReason.NoText)]
    public void What_is_no_tweet_is_counted_under_its_reason_and_leaves_nothing_behind(string data, RejectReason reason)
    {
        var block = Streams.Read(data, out var reader);

        Assert.Equal(0, block.Count);
        Assert.Equal(1, reader.RejectedFor(reason));
        Assert.Equal((1, reason), (reader.Counters.Rejected, reader.Counters.LastReason));
    }

    [Theory]
    [InlineData("""{"id":5,"text":"a"}""", 5)]
    [InlineData("""{"id_str":"5","text":"a"}""", 5)]
    [InlineData("""{"id":null,"id_str":"5","text":"a"}""", 5)]
    [InlineData("""{"id":722145369921077200,"id_str":"722145369921077249","text":"a"}""", 722145369921077249)]
    [InlineData("""{"id":722145369921077249,"id_str":"?","text":"a"}""", 722145369921077249)]
    [InlineData("""{"id":7.2e17,"id_str":"722145369921077249","text":"a"}""", 722145369921077249)]
    [InlineData("""{"id":99999999999999999999,"id_str":"5","text":"a"}""", 5)]
    [InlineData("""{"\u0069d":5,"te\u0078t":"a"}""", 5)]
    [InlineData("""{ "id" : 5 , "text" : "a" }""", 5)]
    [InlineData("""{"id":4,"text":"b","id":5,"text":"a"}""", 5)]
    [InlineData("""{"user":{"id":9,"text":"no"},"id":5,"x":{"id":8},"y":[{"id":7}],"text":"a","\"id":6,"a\\":1}""", 5)]
    public void The_id_is_found_wherever_and_however_it_is_written(string tweet, long id)
    {
        foreach (var json in new[] { tweet, $$$"""{"message":{"tweet":{{{tweet}}}}}""", $$$"""{"message": {"unix_timestamp_100us": 1, "tweet": {{{tweet}}}}}""" })
        {
            var block = Streams.Read(json);

            Assert.Equal(id, block[0].Id);
            Assert.Equal("a", block.Text(block[0].Text));
        }
    }

    [Fact]
    public void What_is_missing_null_negative_or_of_a_wrong_type_is_empty_or_zero()
    {
        var block = Streams.Read(
            """
            {"message":{"tweet":{"id":1,"text":"","favorite_count":-3,"retweet_count":"4","lang":7,"user":{"id":null,"followers_count":1e3,"name":null},
            "entities":{"hashtags":[null,{"text":null},"x",{"text":""},[{"text":"y"}]]},"created_at":"yesterday","retweeted_status":null,"quoted_status":[]}}}
            """.ReplaceLineEndings(""));

        ref var record = ref block[0];
        Assert.Equal((0, 0, 0, 0), (record.Favorites, record.Retweets, record.Followers, record.UserId));
        Assert.True(record.Text.IsEmpty && record.Language.IsEmpty && record.UserName.IsEmpty && record.ScreenName.IsEmpty);
        Assert.Equal((0, 0, 0), (record.CreatedAt, record.RetweetedId, record.QuotedId));
        Assert.Equal(0, record.HashtagCount);
    }

    [Fact]
    public void A_tweet_without_a_user_is_a_tweet()
    {
        foreach (var user in new[] { "null", "7", "[]", "\"me\"" })
        {
            var block = Streams.Read($$"""{"id":1,"text":"a","user":{{user}}}""");

            Assert.Equal((1, 0L), (block.Count, block[0].UserId));
            Assert.True(block[0].UserJson.IsEmpty);
        }
    }

    [Theory]
    [InlineData("""{"id":1,"text":"short","full_text":"long"}""", "long")]
    [InlineData("""{"id":1,"full_text":"long"}""", "long")]
    [InlineData("""{"id":1,"text":"short","extended_tweet":{"full_text":"longer"},"full_text":"long"}""", "longer")]
    [InlineData("""{"id":1,"text":"short","extended_tweet":{}}""", "short")]
    public void The_longest_text_is_taken(string tweet, string text)
    {
        var block = Streams.Read(tweet);

        Assert.Equal(text, block.Text(block[0].Text));
    }

    [Fact]
    public void The_hashtags_are_those_of_the_text_that_is_taken()
    {
        var block = Streams.Read("""
            {"id":1,"text":"s","extended_tweet":{"full_text":"l","entities":{"hashtags":[{"text":"b"},{"text":"c"}]}},"entities":{"hashtags":[{"text":"a"}]}}
            """);

        Assert.Equal(["b", "c"], block.Hashtags(0));
    }

    [Theory]
    [InlineData("""a\ud800b""", "a\uFFFDb")]
    [InlineData("""\udc00\ud83d""", "\uFFFD\uFFFD")]
    [InlineData("""\ud83d\ud83d\ude00""", "\uFFFD😀")]
    [InlineData("""\b\f\n\r\t\/\\\"\u0000""", "\b\f\n\r\t/\\\"\0")]
    public void Escapes_are_decoded_and_lone_surrogates_replaced(string escaped, string text)
    {
        var block = Streams.Read($$"""{"id":1,"text":"{{escaped}}"}""");

        Assert.Equal(text, block.Text(block[0].Text));
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_replaced()
    {
        var bytes = Streams.Utf8("data: {\"id\":1,\"text\":\"a?b\\n??\"}\n\n");
        bytes.AsSpan().Replace((byte)'?', (byte)0xFF);
        var block = Streams.Read(new TweetStreamReader(new SequenceSource()), new TweetBlockPool(), bytes);

        Assert.Equal("a\uFFFDb\n\uFFFD\uFFFD", block.Text(block[0].Text));
    }

    [Fact]
    public void A_text_of_a_megabyte_is_read_with_and_without_escapes()
    {
        var plain = new string('x', 1 << 20);
        var escaped = string.Concat(Enumerable.Repeat("\\u00e4", 1 << 18));

        var block = Streams.Read($$"""{"id":1,"text":"{{plain}}"}""");
        Assert.Equal(plain, block.Text(block[0].Text));
        block = Streams.Read($$"""{"id":1,"text":"{{escaped}}"}""");
        Assert.Equal(new string('ä', 1 << 18), block.Text(block[0].Text));
    }

    [Fact]
    public void A_bad_tweet_inside_another_is_left_out_and_counted_and_the_outer_one_kept()
    {
        var block = Streams.Read(
            """{"id":1,"text":"a","retweeted_status":{"id":2},"quoted_status":{"text":"b"}}""", out var reader);

        Assert.Equal(1, block.Count);
        Assert.Equal((2, 0), (block[0].RetweetedId, block[0].QuotedId));
        Assert.Equal(2, reader.Counters.InnerRejected);
    }

    [Fact]
    public void Nesting_without_end_is_passed_over()
    {
        var block = Streams.Read($$"""{"id":1,"x":{{new string('[', 10_000)}}{{new string(']', 10_000)}},"text":"a"}""");
        Assert.Equal(1, block.Count);

        var deep = string.Concat(Enumerable.Range(2, 50).Select(id => $$""","retweeted_status":{"id":{{id}},"text":"b" """));
        block = Streams.Read($$"""{"id":1,"text":"a"{{deep}}{{new string('}', 51)}}""");
        Assert.Equal(1 + TweetScanner.MaxTweets, block.Count);
    }

    [Fact]
    public void The_number_of_records_in_a_block_knows_no_bound()
    {
        var events = string.Concat(Enumerable.Range(1, 500).Select(id => $"data: {Streams.Tweet(id)}\n\n"));
        var block = Streams.Read(new TweetStreamReader(new SequenceSource()), new TweetBlockPool(), Streams.Utf8(events));

        Assert.Equal(Enumerable.Range(1, 500).Select(id => (long)id), block.Records.ToArray().Select(record => record.Id));
        Assert.Equal(1, block.FirstSequence);
    }

    [Fact]
    public void A_second_tweet_has_nothing_of_the_first()
    {
        var reader = new TweetStreamReader(new SequenceSource());
        var block = Streams.Read(reader, new TweetBlockPool(), Streams.Utf8($"data: {Full.ReplaceLineEndings("")}\n\ndata: {{\"id\":2,\"text\":\"b\"}}\n\n"));

        ref var second = ref block[1];
        Assert.Equal((0, 0, 0), (second.UserId, second.Favorites, second.CreatedAt));
        Assert.True(second.Language.IsEmpty && second.ScreenName.IsEmpty && second.UserJson.IsEmpty);
        Assert.Empty(block.Hashtags(1));
    }
}
