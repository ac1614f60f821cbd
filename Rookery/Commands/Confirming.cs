namespace Rookery.Command;

/// <summary>Asks before what cannot be undone: on a terminal, and elsewhere it must have been said.</summary>
internal static class Confirming
{
    /// <exception cref="UsageException">Nobody can be asked, and it was not said.</exception>
    public static bool Allows(Surroundings around, bool said, string what)
    {
        if (said)
        {
            return true;
        }

        if (!around.CanAsk)
        {
            throw new UsageException($"{what}. Say --yes if that is meant");
        }

        around.Error.Write($"{what}. Do it? [y/N] ");
        around.Error.Flush();
        return around.In.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }
}
