using System.Net;
using Rookery.Local;
using Rookery.Tweets;

namespace Rookery.Command.Tests;

public sealed class RunSettingsTests
{
    [Fact]
    public void The_defaults_are_the_ports_and_folder_people_know()
    {
        var settings = Read();
        Assert.Equal(("data/", 8000, 8080), (settings.Data, settings.BrokerPort, settings.ViewerPort));
        Assert.Equal(IPAddress.Loopback, settings.Host);
        Assert.Equal(65_536, settings.Wire.MaxConnections);
        Assert.Equal(Durability.Fsync, settings.Durability);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.Drain);
        Assert.Null(settings.Duration);
        var tweets = settings.Tweets!;
        Assert.Equal((4000, "127.0.0.1", 2), (tweets.Feed!.Port, tweets.Feed.Host, tweets.Feed.Streams));
        Assert.True(tweets.Store);
        Assert.Null(tweets.Source);
        Assert.Equal(new ElasticPoolOptions(), tweets.Pool with { Size = new ElasticPoolOptions().Size, SimulatedWork = new ElasticPoolOptions().SimulatedWork });
        Assert.Equal(new PoolScalerOptions(), tweets.Pool.Size);
        Assert.Equal(new SimulatedWorkOptions(), tweets.Pool.SimulatedWork);
    }

    [Fact]
    public void Every_option_reaches_its_part()
    {
        var settings = Read(
            "--data", "d", "--host", "*", "--broker-port", "1", "--viewer-port", "2", "--feed-port", "3", "--http-port", "4", "--max-connections", "500", "--durability", "INTERVAL",
            "--streams", "5", "--rate", "unlimited", "--seed", "6", "--panic", "0.25", "--no-store", "--duration", "7s", "--drain", "8s",
            "--workers-min", "2", "--workers-max", "9", "--round-robin", "--ignore-panic", "--speculative", "3",
            "--work", "poisson", "--work-min", "1ms", "--work-max", "2ms", "--work-mean", "3ms", "--verbose", "--allow-open");
        Assert.Equal(("d", 1, 2, IPAddress.Any), (settings.Data, settings.BrokerPort, settings.ViewerPort, settings.Host));
        Assert.Equal((Durability.Interval, 7, 8, true), (settings.Durability, settings.Duration!.Value.TotalSeconds, settings.Drain.TotalSeconds, settings.Verbose));
        Assert.Equal((500, 4), (settings.Wire.MaxConnections, settings.HttpPort));
        Assert.Equal(["news.example", "x"], Read("--http-names", "news.example, x").HttpNames);
        Assert.Null(Read("--no-http").HttpPort);
        var tweets = settings.Tweets!;
        Assert.False(tweets.Store);
        Assert.Equal((3, 5, 6, 0.25, "unlimited"), (tweets.Feed!.Port, tweets.Streams, tweets.Feed.Seed, tweets.Feed.PanicProbability, tweets.Feed.Rate.ToString()));
        Assert.Equal((2, 9, RoutingRule.RoundRobin, true, 3), (tweets.Pool.Size.Min, tweets.Pool.Size.Max, tweets.Pool.Routing, tweets.Pool.IgnoreKills, tweets.Pool.Speculation));
        var work = tweets.Pool.SimulatedWork;
        Assert.Equal((WorkDistribution.Poisson, 1, 2, 3), (work.Distribution, work.Min.TotalMilliseconds, work.Max.TotalMilliseconds, work.Mean.TotalMilliseconds));
    }

    [Fact]
    public void Every_limit_reaches_its_part_and_without_any_they_are_those_of_the_broker()
    {
        var normal = Read();
        Assert.Equal(new Broker.BrokerLimits(), normal.Limits);
        Assert.Equal(new Wire.WireOptions { Version = CommandLine.Version }, normal.Wire);
        var settings = Read(
            "--max-connections", "1", "--max-subscriptions", "2", "--max-topics", "3", "--idle-timeout", "4m", "--retain-events", "5", "--retain-bytes", "6KiB",
            "--retain-age", "7d", "--max-backlog", "8", "--max-backlog-bytes", "9MiB", "--max-backlog-age", "90d", "--overflow", "REFUSE",
            "--send-timeout", "10s", "--unused-topic", "11m", "--unused-subscription", "12d");
        Assert.Equal((1, 2, 4), (settings.Wire.MaxConnections, settings.Wire.MaxSubscriptions, settings.Wire.IdleTimeout.TotalMinutes));
        Assert.Equal((10, 11, 12), (settings.Wire.SendTimeout.TotalSeconds, settings.Limits.UnusedTopic.TotalMinutes, settings.Limits.UnusedSubscription.TotalDays));
        var kept = settings.Limits.Retention;
        Assert.Equal((3, 5, 6 << 10, 7), (settings.Limits.MaxTopics, kept.KeepEvents, kept.KeepBytes, kept.KeepAge.TotalDays));
        Assert.Equal((8, 9 << 20, 90, Broker.Overflow.Refuse), (kept.MaxEvents, kept.MaxBytes, kept.MaxAge.TotalDays, kept.Overflow));
    }

    [Fact]
    public void Another_source_replaces_the_server_and_no_tweets_leaves_the_broker_alone()
    {
        var other = Read("--source", "http://example.org:4000", "--streams", "4").Tweets!;
        Assert.Null(other.Feed);
        Assert.Equal(("http://example.org:4000/", 4), (other.Source!.ToString(), other.Streams));
        Assert.Null(Read("--no-tweets").Tweets);
    }

    [Theory]
    [InlineData("--workers-min is 5; it must be at most --workers-max, which is 4", "--workers-min", "5", "--workers-max", "4")]
    [InlineData("--work-max is '2m'; it must be a number with its unit, such as 50ms, 2s, 5m or 1h, at most 1m", "--work", "normal", "--work-max", "2m")]
    [InlineData("--work-min is 600 ms; it must be at most --work-max, which is 500 ms", "--work", "normal", "--work-min", "600ms")]
    [InlineData("--host is 'here'; it must be an IP address, localhost or *", "--host", "here")]
    [InlineData("--source is 'ftp://x'; it must be an http or https address, such as http://127.0.0.1:4000", "--source", "ftp://x")]
    [InlineData("--durability is 'much'; it must be fsync, interval or memory", "--durability", "much")]
    [InlineData("--speculative is '17'; it must be a whole number from 1 to 16", "--speculative", "17")]
    [InlineData("--streams is '0'; it must be a whole number from 1 to 1000", "--streams", "0")]
    [InlineData("--data is ''; it must be not empty", "--data", "")]
    public async Task What_is_out_of_bounds_is_refused_before_anything_is_touched(string said, params string[] args)
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Usage, await shell.RunAsync(args));
        Assert.StartsWith($"rookery: {said}\n", shell.Error, StringComparison.Ordinal);
        Assert.Empty(shell.Out);
    }

    private static RunSettings Read(params string[] args)
    {
        var around = new Surroundings { In = TextReader.Null, Out = TextWriter.Null, Error = TextWriter.Null, Interruptions = () => new Interruption() };
        var parsed = CommandLine.Root(around).Parse(["run", .. args]);
        Assert.Empty(parsed.Errors);
        return RunCommand.Read(parsed, _ => null);
    }
}
