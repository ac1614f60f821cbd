using System.Globalization;

namespace Rookery.Bench;

internal sealed record PipelineBenchOptions(TimeSpan Duration, bool Store, bool Soak)
{
    public static PipelineBenchOptions Parse(string[] args)
    {
        var soak = args.Contains("--soak");
        var at = Array.IndexOf(args, "--seconds");
        var seconds = at >= 0 ? double.Parse(args[at + 1], CultureInfo.InvariantCulture) : soak ? 300 : 10;
        return new PipelineBenchOptions(TimeSpan.FromSeconds(seconds), args.Contains("--store"), soak);
    }
}
