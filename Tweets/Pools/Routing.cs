namespace Rookery.Tweets;

/// <summary>How a pool picks the worker for the next piece of work.</summary>
public enum RoutingRule
{
    /// <summary>The one with the least work; among equals, in turn.</summary>
    LeastConnected,

    /// <summary>In turn, whatever they have to do.</summary>
    RoundRobin,
}

/// <summary>Picks workers. One thread at a time.</summary>
public sealed class Routing
{
    /// <summary>A router.</summary>
    public Routing(RoutingRule rule) => throw new NotImplementedException();

    /// <summary>Picks a worker.</summary>
    /// <param name="loads">Pieces of work each worker has; a negative one means that this worker takes none.</param>
    /// <returns>Position of the worker; −1 where none takes work.</returns>
    public int Pick(ReadOnlySpan<int> loads) => throw new NotImplementedException();
}
