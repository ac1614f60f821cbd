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
}
