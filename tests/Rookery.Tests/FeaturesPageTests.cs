using System.Text.RegularExpressions;

namespace Rookery.Command.Tests;

/// <summary>Holds docs/FEATURES.md to what there is.</summary>
public sealed partial class FeaturesPageTests
{
    private static readonly string Root = RepositoryRoot.Find();

    private static readonly string Page = File.ReadAllText(Path.Combine(Root, "docs", "FEATURES.md"));

    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)
            .SelectMany(text => ClassName().Matches(text).Select(m => (Name: m.Groups[1].Value, Text: text)))
            .ToLookup(s => s.Name, s => s.Text);
        var named = TestName().Matches(Page).Select(m => (Class: m.Groups[1].Value, Method: m.Groups[2].Value)).Distinct().ToList();
        Assert.True(named.Count > 100);
        var missing = named.Where(n => !sources[n.Class].Any(text => text.Contains($" {n.Method}(", StringComparison.Ordinal))).ToList();
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_feature_and_weakness_of_the_predecessors_has_its_row()
    {
        var wanted = Rows("MB", 13, "D2").Concat(Rows("SP", 18, "D2")).Concat(Rows("CD", 1, "D2")).Concat(Rows("CL", 2, "D2"))
            .Concat(Rows("OP", 2, "D2")).Concat(Rows("W", 29, "D"));
        Assert.Equal(wanted, Row().Matches(Page).Select(m => m.Groups[1].Value));
    }

    [Fact]
    public void What_the_page_ticks_is_shown_by_something() =>
        Assert.DoesNotMatch(@"\| ✓ [^|]*\| *\|", Page);

    private static IEnumerable<string> Rows(string letters, int count, string digits) =>
        Enumerable.Range(1, count).Select(n => $"{letters}-{n.ToString(digits, null)}");

    [GeneratedRegex(@"\bclass (\w+)")]
    private static partial Regex ClassName();

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w*_\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^\| ((?:MB|SP|CD|CL|OP|W)-\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
