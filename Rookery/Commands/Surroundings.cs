using System.Text;
using Microsoft.Win32.SafeHandles;
using Spectre.Console;

namespace Rookery.Command;

/// <summary>What a command touches outside of itself: its streams, and the wish that it stop.</summary>
internal sealed record Surroundings
{
    // EPIPE
    private const int BrokenPipe = 32;

    /// <summary>What is not UTF-8 is an error, not a question mark in somebody's event.</summary>
    public static readonly Encoding StrictUtf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public required TextReader In { get; init; }

    /// <summary>Not flushed by itself: whoever writes decides when it is worth it.</summary>
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Somebody is still waiting to write to <see cref="Out"/>: touching it would wait, too.</summary>
    public bool IsOutputStuck { get; set; }

    /// <summary>The output is a terminal that can be drawn on.</summary>
    public bool IsLive { get; init; }

    /// <summary>Somebody sits there who can be asked: input and error are a terminal.</summary>
    public bool CanAsk { get; init; }

    /// <summary>Colours are welcome: a terminal, and <c>NO_COLOR</c> is not set.</summary>
    public bool HasColour { get; init; }

    /// <summary>Columns and lines of the terminal now.</summary>
    public Func<(int Width, int Height)> Size { get; init; } = () => (80, 24);

    /// <summary>A key that was pressed, where one was; it is not shown.</summary>
    public Func<char?> Key { get; init; } = () => null;

    /// <summary>Variables of the environment; tests have their own.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Names of the variables there are.</summary>
    public Func<IEnumerable<string>> VariableNames { get; init; } = () => Environment.GetEnvironmentVariables().Keys.Cast<string>();

    /// <summary>Turns a request to stop into a cancellation; tests have their own.</summary>
    public required Func<Interruption> Interruptions { get; init; }

    /// <summary>Tables and pictures for the terminal, as wide as it is now.</summary>
    public IAnsiConsole Console() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Out),
        Ansi = HasColour ? AnsiSupport.Yes : AnsiSupport.No,
        ColorSystem = HasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.No,
    });

    public static Surroundings Process()
    {
        var plain = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var terminal = !System.Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";
        return new Surroundings
        {
            In = System.Console.IsInputRedirected
                ? new StreamReader(System.Console.OpenStandardInput(), StrictUtf8)
                : System.Console.In,
            Out = new StreamWriter(StandardOutput(), bufferSize: 64 * 1024) { AutoFlush = false },
            Error = System.Console.Error,
            IsLive = terminal,
            CanAsk = !System.Console.IsInputRedirected && !System.Console.IsErrorRedirected,
            HasColour = terminal && !plain,
            Size = () => (Math.Max(1, System.Console.WindowWidth), Math.Max(1, System.Console.WindowHeight)),
            Key = () => !System.Console.IsInputRedirected && System.Console.KeyAvailable ? System.Console.ReadKey(intercept: true).KeyChar : null,
            Interruptions = () => new SignalInterruption(),
        };
    }

    /// <summary>The reader of the output has closed it, as <c>head</c> does when it has enough.</summary>
    public static bool IsClosedOutput(Exception exception) => exception is IOException { HResult: BrokenPipe };

    /// <summary>A line on the standard error; where that cannot be written either, the exit code has to do.</summary>
    public void TryTell(string line)
    {
        try
        {
            Error.WriteLine(line);
        }
        catch (IOException)
        {
            // Nobody is there to be told.
        }
    }

    // The console's own stream says nothing when a pipe's reader is gone; events would be acknowledged that nobody saw.
    private static Stream StandardOutput()
    {
        if (!OperatingSystem.IsWindows() && System.Console.IsOutputRedirected)
        {
            var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!pipe.CanSeek)
            {
                return pipe;
            }
        }

        return System.Console.OpenStandardOutput();
    }
}
