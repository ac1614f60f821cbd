using System.Text.RegularExpressions;
using Rookery.BrokerGateway;
using Rookery.Command.Tests;
using Rookery.Hosting;
using Rookery.Silo;

namespace Rookery.Cluster.Tests;

/// <summary>Holds the files under deploy/ to the settings that there are.</summary>
public sealed partial class DeployFileTests
{
    // What rookery itself reads in the containers, and the rate of the tweet server, which compose alone knows.
    private static readonly string[] Others =
        ["ROOKERY_ALLOW_OPEN", "ROOKERY_DATA", "ROOKERY_DRAIN", "ROOKERY_HOST", "ROOKERY_RATE", "ROOKERY_TOKENS", "ROOKERY_FEED_RATE"];

    [Theory]
    [InlineData("Containerfile")]
    [InlineData("compose.yaml")]
    [InlineData("one-process.compose.yaml")]
    [InlineData("kubernetes/rookery.yaml")]
    [InlineData("local-cluster.sh")]
    public async Task Every_variable_is_a_setting(string file)
    {
        var named = Variable().Matches(await ReadAsync(file)).Select(match => match.Value);
        Assert.Empty(named.Except(Known()).Except(Others).Order());
    }

    [Theory]
    [InlineData("compose.yaml")]
    [InlineData("kubernetes/rookery.yaml")]
    public async Task Silos_are_told_where_tweets_are_and_where_everything_is_kept(string file)
    {
        var text = await ReadAsync(file);
        Assert.All(["ROOKERY_TWEETS", "ROOKERY_MONGODB", "ROOKERY_DASHBOARD_TOKEN"], name => Assert.Contains(name, text, StringComparison.Ordinal));
    }

    /// <summary>A service "rookery" would be put into each pod as ROOKERY_PORT, an address where a number is expected.</summary>
    [Fact]
    public async Task No_pod_has_the_variables_of_services()
    {
        var text = await ReadAsync("kubernetes/rookery.yaml");
        Assert.Equal(2, Deployment().Count(text));
        Assert.Equal(2, NoLinks().Count(text));
    }

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Find(), "deploy", file));

    private static List<string> Known()
    {
        var silo = new Settings([], _ => null);
        SiloSettings.Read(silo);
        var gateway = new Settings([], _ => null);
        GatewaySettings.Read(gateway);
        return [.. silo.Describe().Concat(gateway.Describe()).Select(line => Variable().Match(line).Value)];
    }

    [GeneratedRegex("ROOKERY_[A-Z_]+")]
    private static partial Regex Variable();

    [GeneratedRegex("^kind: Deployment$", RegexOptions.Multiline)]
    private static partial Regex Deployment();

    [GeneratedRegex("^      enableServiceLinks: false$", RegexOptions.Multiline)]
    private static partial Regex NoLinks();
}
