namespace Rookery.Command.Tests;

/// <summary>The folder of the sources, above the one that the tests are built to.</summary>
internal static class RepositoryRoot
{
    public static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Rookery.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Rookery.slnx is not above the tests");
        }

        return folder;
    }
}
