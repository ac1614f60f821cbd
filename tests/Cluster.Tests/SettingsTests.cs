using System.Net;
using Microsoft.AspNetCore.Http;
using Rookery.BrokerGateway;
using Rookery.Grains;
using Rookery.Hosting;
using Rookery.Silo;

namespace Rookery.Cluster.Tests;

/// <summary>Settings of the programs, and the dashboard's guard.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void The_command_line_counts_before_the_environment_and_the_environment_before_the_default()
    {
        var read = SiloSettings.Read(new Settings(
            ["--silo-port", "12000"], name => name switch { "ROOKERY_SILO_PORT" => "13000", "ROOKERY_GATEWAY_PORT" => "31000", _ => null }));
        Assert.Equal((12000, 31000, 8081), (read.SiloPort, read.GatewayPort, read.Http.Port));
        Assert.Equal("majority", read.Topics.Durability);
    }

    [Theory]
    [InlineData("--silo-port", "0", "silo-port (ROOKERY_SILO_PORT) is \"0\"; it must be between 1 and 65535")]
    [InlineData("--storage", "disk", "storage (ROOKERY_STORAGE) is \"disk\"; it must be one of mongodb, memory")]
    [InlineData("--address", "here", "address (ROOKERY_ADDRESS) is \"here\"; it must be an IP address")]
    [InlineData("--gateway-lease-seconds", "x", "gateway-lease-seconds (ROOKERY_GATEWAY_LEASE_SECONDS) is \"x\"; it must be between 1 and 600 seconds")]
    [InlineData("--poll-seconds", "5", "poll-seconds (ROOKERY_POLL_SECONDS) is \"5\"; it must be between 0.1 and 4 seconds")]
    [InlineData("--mongodb-timeout-seconds", "1", "mongodb-timeout-seconds (ROOKERY_MONGODB_TIMEOUT_SECONDS) is \"1\"; it must be between 2 and 600 seconds")]
    [InlineData("--stages", "sentiment,censr", "stages (ROOKERY_STAGES) has \"censr\"; it must be one or more of sentiment, engagement, censor")]
    [InlineData("--stages", ",", "stages (ROOKERY_STAGES) is \",\"; it must be one or more of sentiment, engagement, censor")]
    [InlineData("--colour", "red", "there is no setting --colour; ")]
    [InlineData("--http-address", "0.0.0.0", "http-address is 0.0.0.0, which others can reach: the dashboard needs a dashboard-token")]
    public void A_bad_setting_of_a_silo_names_itself_its_value_and_its_bounds(string name, string value, string message)
    {
        var thrown = Assert.Throws<FormatException>(() => SiloSettings.Read(new Settings([name, value], _ => null)));
        Assert.StartsWith(message, thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--silos", "somewhere", "silos (ROOKERY_SILOS) has \"somewhere\"; it must be address:port")]
    [InlineData("--port", "65536", "port (ROOKERY_PORT) is \"65536\"; it must be between 0 and 65535")]
    [InlineData("--host", "0.0.0.0", "0.0.0.0 can be reached by others, and everybody who does could publish, read and delete: set tokens, or allow-open to 1 if that is meant")]
    [InlineData("--http-address", "::", ":: can be reached by others, ")]
    [InlineData("--tokens", "{}x", "tokens: the tokens are not JSON: ")]
    [InlineData("--tokens", "/nowhere", "tokens: ")]
    [InlineData("--tls-key", "key.pem", "tls-key needs tls-cert")]
    [InlineData("--tls-cert", "/nowhere", "tls-cert: ")]
    [InlineData("port", "1", "\"port\" is not a setting; give each as --name value")]
    public void A_bad_setting_of_a_gateway_names_itself_its_value_and_its_bounds(string name, string value, string message)
    {
        var thrown = Assert.Throws<FormatException>(() => GatewaySettings.Read(new Settings([name, value], _ => null)));
        Assert.StartsWith(message, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void How_long_MongoDB_is_waited_for_is_a_setting()
    {
        Assert.Equal(TimeSpan.FromSeconds(20), SiloSettings.Read(new Settings([], _ => null)).Tweets.Timeout);
        Assert.Equal(TimeSpan.FromSeconds(90), SiloSettings.Read(new Settings(["--mongodb-timeout-seconds", "90"], _ => null)).Tweets.Timeout);
    }

    [Fact]
    public void What_can_be_set_is_described_with_its_variable_its_default_and_its_bounds()
    {
        var settings = new Settings(["--silo-port", "12000"], _ => null);
        SiloSettings.Read(settings);
        var lines = settings.Describe().ToList();
        Assert.Contains("  --silo-port, ROOKERY_SILO_PORT: 11111; 1 to 65535", lines);
        Assert.Contains("  --storage, ROOKERY_STORAGE: mongodb; one of mongodb, memory", lines);
        Assert.Contains("  --gateway-lease-seconds, ROOKERY_GATEWAY_LEASE_SECONDS: 10; 1 to 600 seconds", lines);
        Assert.Equal(lines.Order(StringComparer.Ordinal), lines);
    }

    [Fact]
    public void A_topic_lets_no_gateway_wait_for_longer_than_gateways_do()
    {
        var longest = new TopicOptions { GatewayLease = TimeSpan.FromMinutes(1), PollTime = TopicOptions.LongestPoll };
        longest.Validate();
        Assert.True(longest.PollTime < new ClusterBrokerOptions().PullTimeout);
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(() => (longest with { PollTime = TimeSpan.FromSeconds(5) }).Validate());
        Assert.Contains("PollTime in seconds is 5", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gateway_is_told_of_silos_with_their_ports() =>
        Assert.Equal(
            [IPEndPoint.Parse("127.0.0.1:30000"), IPEndPoint.Parse("127.0.0.1:30001")],
            GatewaySettings.Read(new Settings(["--silos", "127.0.0.1:30000,127.0.0.1:30001"], _ => null)).Silos);

    [Theory]
    [InlineData("/dashboard", null, 401)]
    [InlineData("/dashboard/index.html", "Bearer wrong", 401)]
    [InlineData("/dashboard", "Basic not base64", 401)]
    [InlineData("/dashboard", "Bearer secret", 200)]
    [InlineData("/dashboard", "Basic YW55b25lOnNlY3JldA==", 200)]
    [InlineData("/health/live", null, 200)]
    public async Task The_dashboard_is_shown_to_those_who_have_the_token(string path, string? authorization, int status)
    {
        var guard = new DashboardGuard(_ => Task.CompletedTask, "secret");
        var context = new DefaultHttpContext { Request = { Path = path } };
        context.Request.Headers.Authorization = authorization;
        await guard.InvokeAsync(context);
        Assert.Equal(status, context.Response.StatusCode);
    }
}
