namespace Rookery.Client;

/// <summary>Another connection with the same name took this client's subscriptions over. The client has closed and does not come back.</summary>
public sealed class TakenOverException : RookeryException
{
    /// <summary>Creates it.</summary>
    public TakenOverException() : base("taken over by another connection with the same name")
    {
    }

    /// <summary>Creates it with what happened.</summary>
    public TakenOverException(string message) : base(message)
    {
    }

    /// <summary>Creates it with what happened and what caused it.</summary>
    public TakenOverException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
