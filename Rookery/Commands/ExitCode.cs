namespace Rookery.Command;

/// <summary>What the command returns to the shell.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>It could not be done; a line on the standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line is not understood; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted before it was finished, as shells have it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    public const string Help = "Exit codes: 0 done (also where whoever read the output wants no more, as head does), 1 failed (the reason is on the standard error), 2 wrong usage, 130 interrupted before it was finished, or not confirmed.";
}
