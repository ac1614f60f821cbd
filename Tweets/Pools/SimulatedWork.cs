namespace Rookery.Tweets;

/// <summary>How long the pretended work on a tweet takes.</summary>
public enum WorkDistribution
{
    /// <summary>No pretended work.</summary>
    None,

    /// <summary>Normal, cut off at both ends by drawing again.</summary>
    Normal,

    /// <summary>Uniform.</summary>
    Uniform,

    /// <summary>Poisson, in whole milliseconds.</summary>
    Poisson,
}

/// <summary>Draws the times of pretended work. One thread at a time; a worker has its own.</summary>
public sealed class SimulatedWork
{
    /// <summary>A sampler.</summary>
    /// <param name="options">Distribution and its parameters.</param>
    /// <param name="seed">The same seed gives the same times.</param>
    public SimulatedWork(SimulatedWorkOptions options, int seed) => throw new NotImplementedException();

    /// <summary>The next time; zero where there is no pretended work.</summary>
    public TimeSpan Next() => throw new NotImplementedException();
}
