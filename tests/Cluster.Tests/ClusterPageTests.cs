using System.Text.RegularExpressions;
using Rookery.Command.Tests;

namespace Rookery.Cluster.Tests;

/// <summary>Holds docs/CLUSTER.md to what silos and gateways count.</summary>
public sealed partial class ClusterPageTests
{
    [Fact]
    public async Task The_page_names_every_metric_of_silos_and_gateways_and_no_other()
    {
        var root = RepositoryRoot.Find();
        var counted = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var room in new[] { "Grains", "Silo", "BrokerGateway", "Hosting" })
        {
            foreach (var file in Directory.GetFiles(Path.Combine(root, room), "*.cs", SearchOption.AllDirectories))
            {
                counted.UnionWith(InSource().Matches(await File.ReadAllTextAsync(file)).Select(match => match.Groups[1].Value));
            }
        }

        var page = await File.ReadAllTextAsync(Path.Combine(root, "docs", "CLUSTER.md"));
        Assert.Equal(counted, new SortedSet<string>(InPage().Matches(page).Select(match => match.Groups[1].Value), StringComparer.Ordinal));
        Assert.Contains("rookery.log.writes", counted);
    }

    [GeneratedRegex("\"(rookery\\.[a-z_]+\\.[a-z_]+)\"")]
    private static partial Regex InSource();

    [GeneratedRegex("`(rookery\\.[a-z_]+\\.[a-z_]+)`")]
    private static partial Regex InPage();
}
