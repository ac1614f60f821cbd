namespace Rookery.Command.Tests;

/// <summary>A test that needs a program of the machine; where there is none it is counted as skipped, and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(string program)
    {
        Program = program;
        var folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        if (OperatingSystem.IsWindows() || !folders.Any(f => File.Exists(Path.Combine(f, program))))
        {
            Skip = $"{program} is not installed; the example for it is not run";
        }
    }

    public string Program { get; }
}
