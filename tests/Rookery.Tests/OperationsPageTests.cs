namespace Rookery.Command.Tests;

/// <summary>Holds docs/OPERATIONS.md to what the program says of itself.</summary>
public sealed class OperationsPageTests
{
    [Fact]
    public async Task The_page_has_every_setting_as_the_program_describes_it()
    {
        var shell = new Shell();
        Assert.Equal(ExitCode.Ok, await shell.RunAsync("settings", "--markdown"));
        var page = await File.ReadAllLinesAsync(Path.Combine(RepositoryRoot.Find(), "docs", "OPERATIONS.md"));
        Assert.Equal(shell.OutLines, page.SkipWhile(l => l != shell.OutLines[0]).TakeWhile(l => l.StartsWith('|')));
    }

    [Fact]
    public async Task The_page_has_every_setting_that_clients_take_from_the_environment_and_the_file()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Find(), "docs", "OPERATIONS.md"));
        var settings = CommandLine.Root(new Shell().Surroundings).Subcommands.SelectMany(c => c.Options).OfType<ISetting>().Where(s => s.IsClients).Distinct().ToList();
        Assert.Equal(8, settings.Count);
        Assert.All(settings, s => Assert.Contains($"| `{s.Name}` | `{s.Variable}` | `{s.Key}` |", page, StringComparison.Ordinal));
    }
}
