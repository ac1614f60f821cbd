namespace Rookery.Command;

/// <summary>What a command touches outside of itself: its streams, and the wish that it stop.</summary>
internal sealed record Surroundings
{
    public required TextReader In { get; init; }

    /// <summary>Not flushed by itself: whoever writes decides when it is worth it.</summary>
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>The output is a terminal that can be drawn on.</summary>
    public bool IsLive { get; init; }

    /// <summary>Colours are welcome: a terminal, and <c>NO_COLOR</c> is not set.</summary>
    public bool HasColour { get; init; }

    /// <summary>Turns a request to stop into a cancellation; tests have their own.</summary>
    public required Func<Interruption> Interruptions { get; init; }

    public static Surroundings Process()
    {
        var plain = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var terminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";
        return new Surroundings
        {
            In = Console.In,
            Out = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 64 * 1024) { AutoFlush = false },
            Error = Console.Error,
            IsLive = terminal,
            HasColour = terminal && !plain,
            Interruptions = () => new SignalInterruption(),
        };
    }
}
