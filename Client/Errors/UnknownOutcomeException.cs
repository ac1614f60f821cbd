namespace Rookery.Client;

/// <summary>
/// An event may or may not have been stored: the connection was lost, or the broker could not tell. A client with a
/// <see cref="RookeryClientOptions.Producer"/> repeats such events by itself after a reconnect.
/// </summary>
public sealed class UnknownOutcomeException : RookeryException
{
    /// <summary>Creates it.</summary>
    public UnknownOutcomeException() : base("the event may or may not have been stored")
    {
    }

    /// <summary>Creates it with what happened.</summary>
    public UnknownOutcomeException(string message) : base(message)
    {
    }

    /// <summary>Creates it with what happened and what caused it.</summary>
    public UnknownOutcomeException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
