namespace Rookery.Feed;

/// <summary>
/// A small generator whose whole state is one number, so that a sequence can be copied and continued elsewhere.
/// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
/// </summary>
internal struct Randomness(ulong state)
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private ulong _state = state;

    /// <summary>A generator of its own for each combination of seed, purpose and index, however often and in whatever order asked.</summary>
    public static Randomness For(int seed, Purpose purpose, int index = 0)
    {
        var key = Mix((uint)seed + Gamma);
        key = Mix(key + (((ulong)purpose << 32) | (uint)index) * Gamma);
        return new Randomness(key);
    }

    public ulong NextBits()
    {
        _state += Gamma;
        return Mix(_state);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble()
    {
        return (NextBits() >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Uniform in [0, bound).</summary>
    public int Next(int bound)
    {
        return (int)(((NextBits() >> 32) * (ulong)bound) >> 32);
    }

    public int Next(int low, int bound)
    {
        return low + Next(bound - low);
    }

    public bool Chance(double probability)
    {
        return NextDouble() < probability;
    }

    public T Pick<T>(IReadOnlyList<T> choices)
    {
        return choices[Next(choices.Count)];
    }

    /// <summary>Log-normal: exp(ln(median) + spread·z), z standard normal (Box–Muller).</summary>
    public double LogNormal(double median, double spread)
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return median * Math.Exp(spread * radius * Math.Cos(2 * Math.PI * NextDouble()));
    }

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}

/// <summary>What a <see cref="Randomness"/> is used for; each purpose draws its own numbers.</summary>
internal enum Purpose
{
    Person = 1,
    Body,
    Original,
    Quote,
    Stream,
    Panic,
    Pace,
}
