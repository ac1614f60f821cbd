namespace Rookery.Grains;

/// <summary>Checks of options.</summary>
internal static class ClusterOption
{
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its bounds.</exception>
    public static void Require(string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be between {least} and {most}");
        }
    }
}
