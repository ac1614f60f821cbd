namespace Rookery.Broker;

/// <summary>Checks of options, in the same words in every room that knows the broker.</summary>
public static class Bounds
{
    /// <summary>Makes sure that the value of an option is within its bounds, both included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not; the message names option, value and bounds.</exception>
    public static void Require(string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be between {least} and {most}");
        }
    }
}
