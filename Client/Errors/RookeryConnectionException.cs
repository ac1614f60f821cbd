namespace Rookery.Client;

/// <summary>No connection could be made, it was lost, or the client gave up on it.</summary>
public sealed class RookeryConnectionException : RookeryException
{
    /// <summary>Creates it.</summary>
    public RookeryConnectionException() : base("the connection was lost")
    {
    }

    /// <summary>Creates it with what happened.</summary>
    public RookeryConnectionException(string message) : base(message)
    {
    }

    /// <summary>Creates it with what happened and what caused it.</summary>
    public RookeryConnectionException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
