namespace Rookery.Fuzz.Tests;

/// <summary>
/// How many inputs: what takes some 20 seconds altogether, or what <c>ROOKERY_FUZZ_INPUTS</c> asks for, which counts lines;
/// of the other inputs, which take longer, there are fewer in the same proportion.
/// </summary>
internal static class FuzzSize
{
    private const int Usual = 60_000;

    public static int Lines => Dice.Number("ROOKERY_FUZZ_INPUTS", Usual);

    /// <summary>Damaged journals that are opened.</summary>
    public static int Journals => Math.Max(1, Lines / 6);

    /// <summary>Damaged journals that a broker is started on.</summary>
    public static int Brokers => Math.Max(1, Lines / 60);
}
