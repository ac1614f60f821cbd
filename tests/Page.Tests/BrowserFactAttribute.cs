namespace Rookery.Page.Tests;

/// <summary>A test that needs Chromium; where there is none it is counted as skipped, and says why.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Browser is null)
        {
            Skip = "Chromium is not installed (apt-get install chromium, or name it in CHROMIUM); the page is not tested in a browser";
        }
    }

    /// <summary>Where the browser is; null: nowhere.</summary>
    public static string? Browser { get; } = Find();

    private static string? Find()
    {
        string?[] places = [Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        return Array.Find(places, File.Exists);
    }
}
