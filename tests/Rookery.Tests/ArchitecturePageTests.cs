using System.Text.RegularExpressions;

namespace Rookery.Command.Tests;

/// <summary>Holds docs/ARCHITECTURE.md to the rooms there are.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string Root = RepositoryRoot.Find();

    private static readonly string Page = File.ReadAllText(Path.Combine(Root, "docs", "ARCHITECTURE.md"));

    [Fact]
    public void The_arrows_of_the_page_are_the_references_of_the_projects()
    {
        var drawn = Arrow().Matches(Page.Split("```mermaid")[1].Split("```")[0])
            .SelectMany(arrow => arrow.Groups[2].Value.Split('&', StringSplitOptions.TrimEntries).Select(to => $"{arrow.Groups[1].Value} --> {to}"));
        var built = Rooms().SelectMany(room => Reference().Matches(File.ReadAllText(Path.Combine(Root, room, $"{room}.csproj")))
            .Select(reference => $"{room} --> {reference.Groups[1].Value}"));
        Assert.Equal(built.Order(StringComparer.Ordinal), drawn.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_room_is_on_the_page() => Assert.All(Rooms(), room => Assert.Contains($"`{room}/`", Page, StringComparison.Ordinal));

    /// <summary>Every top-level folder with a project of its name.</summary>
    private static IEnumerable<string> Rooms() =>
        Directory.EnumerateDirectories(Root).Select(folder => Path.GetFileName(folder)).Where(name => File.Exists(Path.Combine(Root, name, $"{name}.csproj")));

    [GeneratedRegex(@"^ *([\w.]+) --> (.+)$", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    [GeneratedRegex(@"ProjectReference Include=""\.\./[\w.]+/([\w.]+)\.csproj""")]
    private static partial Regex Reference();
}
