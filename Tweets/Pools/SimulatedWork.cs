namespace Rookery.Tweets;

/// <summary>
/// Draws the times of pretended work, such as the coursework's 50 to 500 ms of a normal distribution.
/// One thread at a time; a worker has its own.
/// </summary>
public sealed class SimulatedWork
{
    // Above this, e^-mean loses the precision that the product of uniforms needs; a sum of Poisson draws is a Poisson draw.
    private const double PoissonStep = 16;

    private readonly SimulatedWorkOptions _options;
    private readonly Random _random;

    /// <summary>A sampler.</summary>
    /// <param name="options">Distribution and its parameters.</param>
    /// <param name="seed">The same seed gives the same times.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public SimulatedWork(SimulatedWorkOptions options, int seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _random = new Random(seed);
    }

    /// <summary>The next time; zero where there is no pretended work.</summary>
    public TimeSpan Next() => _options.Distribution switch
    {
        WorkDistribution.Normal => TimeSpan.FromMilliseconds(Normal()),
        WorkDistribution.Uniform => _options.Min + (_random.NextDouble() * (_options.Max - _options.Min)),
        WorkDistribution.Poisson => TimeSpan.FromMilliseconds(Poisson(_options.Mean.TotalMilliseconds)),
        _ => TimeSpan.Zero,
    };

    // Mean in the middle, three standard deviations to either end, and what falls outside is drawn again (Box and Muller, 1958).
    private double Normal()
    {
        var (min, max) = (_options.Min.TotalMilliseconds, _options.Max.TotalMilliseconds);
        while (true)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble()));
            var value = ((min + max) / 2) + ((max - min) / 6 * radius * Math.Cos(2 * Math.PI * _random.NextDouble()));
            if (value >= min && value <= max)
            {
                return value;
            }
        }
    }

    // Multiplies uniforms until the product falls below e^-mean (Knuth, TAOCP vol. 2, 3.4.1).
    private int Poisson(double mean)
    {
        var count = 0;
        for (; mean > 0; mean -= PoissonStep)
        {
            var limit = Math.Exp(-Math.Min(mean, PoissonStep));
            for (var product = _random.NextDouble(); product > limit; product *= _random.NextDouble())
            {
                count++;
            }
        }

        return count;
    }
}
