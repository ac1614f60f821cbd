using System.Runtime.InteropServices;

namespace Rookery.Bench;

/// <summary>What the figures were measured on, and how quiet it was.</summary>
internal static class Machine
{
    public static void Print() =>
        BrokerTables.Say($"{Environment.ProcessorCount} cores, {Processor()}, {RuntimeInformation.OSDescription}, load before {Load()}");

    public static void PrintEnd(TimeSpan elapsed) => BrokerTables.Say($"\nthe run took {elapsed.TotalSeconds:N0} s, load after {Load()}");

    private static string Processor()
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim();
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            return RuntimeInformation.ProcessArchitecture.ToString();
        }
    }

    private static string Load()
    {
        try
        {
            return File.ReadAllText("/proc/loadavg").Split(' ')[0];
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
