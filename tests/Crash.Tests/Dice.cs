using System.Globalization;
using Xunit.Abstractions;

namespace Rookery.Tests;

/// <summary>Chance that can be had again: <c>ROOKERY_SEED</c> gives the same numbers, without it they are new each time.</summary>
internal static class Dice
{
    /// <summary>Says the seed, and what it was; every failure should name it.</summary>
    public static Random Roll(ITestOutputHelper output, out int seed)
    {
        seed = Number("ROOKERY_SEED", Random.Shared.Next());
        output.WriteLine($"ROOKERY_SEED={seed}");
        Console.WriteLine($"ROOKERY_SEED={seed}");
        return new Random(seed);
    }

    /// <summary>A number from the environment.</summary>
    public static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
