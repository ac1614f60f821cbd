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
/// <param name="rule">How.</param>
public sealed class Routing(RoutingRule rule)
{
    private int _last = -1;

    /// <summary>Picks a worker.</summary>
    /// <param name="loads">Pieces of work each worker has; a negative one means that this worker takes none.</param>
    /// <returns>Position of the worker; −1 where none takes work.</returns>
    public int Pick(ReadOnlySpan<int> loads)
    {
        var picked = -1;
        for (var step = 1; step <= loads.Length; step++)
        {
            var index = (int)(((uint)_last + (uint)step) % (uint)loads.Length);
            if (loads[index] < 0 || (picked >= 0 && loads[index] >= loads[picked]))
            {
                continue;
            }

            picked = index;
            if (rule == RoutingRule.RoundRobin || loads[index] == 0)
            {
                break;
            }
        }

        _last = picked >= 0 ? picked : _last;
        return picked;
    }
}
