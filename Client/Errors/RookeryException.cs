namespace Rookery.Client;

/// <summary>The broker refused a command; the message is what it said. Also the base of everything that can go wrong with a broker.</summary>
public class RookeryException : Exception
{
    /// <summary>Creates it.</summary>
    public RookeryException() : this("the broker refused a command")
    {
    }

    /// <summary>Creates it with what the broker said.</summary>
    public RookeryException(string message) : base(message)
    {
    }

    /// <summary>Creates it with what the broker said and what caused it.</summary>
    public RookeryException(string message, Exception? innerException) : base(message, innerException)
    {
    }

    /// <summary>The exception for a line of the broker that reports a failure.</summary>
    internal static RookeryException Of(string line)
    {
        if (Lines.NoSuchEvent(line) is { } id)
        {
            return new NoSuchEventException($"there is no event {id}") { EventId = id };
        }

        const string Prefix = "error: ";
        var message = line.StartsWith(Prefix, StringComparison.Ordinal) ? line[Prefix.Length..] : line;
        return Lines.IsAccessDenied(line) ? new AccessDeniedException(message) : new RookeryException(message);
    }
}
