namespace Rookery.Crash.Tests;

/// <summary>A test that needs <c>strace</c>; where there is none it is counted as skipped, and says why.</summary>
internal sealed class TracedFactAttribute : FactAttribute
{
    public TracedFactAttribute()
    {
        var folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        if (!OperatingSystem.IsLinux() || !folders.Any(f => File.Exists(Path.Combine(f, "strace"))))
        {
            Skip = "strace is not installed (apt-get install strace); the order of syncs and replies is not traced";
        }
    }
}
