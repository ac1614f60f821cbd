namespace Rookery.Feed.Tests;

public class FeedOptionsTests
{
    [Fact]
    public void The_defaults_are_those_of_the_original()
    {
        var options = new FeedOptions();
        options.Validate();

        Assert.Equal(("127.0.0.1", 4000, 2, FeedRate.Bursts, 0.01, null),
            (options.Host, options.Port, options.Streams, options.Rate, options.PanicProbability, options.TweetsPerConnection));
    }

    public static TheoryData<FeedOptions, string> Wrong => new()
    {
        { new FeedOptions { Host = "nowhere at all" }, "Host is 'nowhere at all'; it must be an IP address, localhost or *." },
        { new FeedOptions { Port = -1 }, "Port is -1; it must be from 0 to 65535." },
        { new FeedOptions { Port = 65536 }, "Port is 65536; it must be from 0 to 65535." },
        { new FeedOptions { Streams = 0 }, "Streams is 0; it must be from 1 to 1000." },
        { new FeedOptions { Streams = 1001 }, "Streams is 1001; it must be from 1 to 1000." },
        { new FeedOptions { Rate = null! }, "Rate is null; it must be set." },
        { new FeedOptions { PanicProbability = 1.5 }, "PanicProbability is 1.5; it must be from 0 to 1." },
        { new FeedOptions { PanicProbability = double.NaN }, "PanicProbability is NaN; it must be from 0 to 1." },
        { new FeedOptions { MaxReaders = 0 }, "MaxReaders is 0; it must be at least 1." },
        { new FeedOptions { TweetsPerConnection = 0 }, "TweetsPerConnection is 0; it must be null or at least 1." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_option_is_named_with_its_value_and_its_bound(FeedOptions options, string message)
    {
        Assert.Equal(message, Assert.Throws<ArgumentException>(options.Validate).Message);
        Assert.Throws<ArgumentException>(() => new TweetServer(options));
    }

    [Theory]
    [InlineData("bursts")]
    [InlineData("unlimited")]
    [InlineData("250")]
    [InlineData("0.5")]
    public void A_rate_reads_what_it_writes(string text)
    {
        Assert.Equal(text, FeedRate.Parse(text).ToString());
    }

    [Fact]
    public void A_fixed_rate_is_its_number_and_no_other_rate()
    {
        Assert.Equal(250, FeedRate.Fixed(250).TweetsPerSecond);
        Assert.Equal(FeedRate.Fixed(250), FeedRate.Parse(" 250 "));
        Assert.NotEqual(FeedRate.Fixed(250), FeedRate.Bursts);
        Assert.Same(FeedRate.Unlimited, FeedRate.Parse("Unlimited"));
    }

    [Theory]
    [InlineData("fast")]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("NaN")]
    [InlineData("100001")]
    public void Anything_else_is_no_rate(string text)
    {
        Assert.Contains($"'{text}' is not a rate", Assert.Throws<FormatException>(() => FeedRate.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_fixed_rate_outside_its_bounds_is_refused(double rate)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FeedRate.Fixed(rate));
    }
}
