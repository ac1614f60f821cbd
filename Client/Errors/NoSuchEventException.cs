namespace Rookery.Client;

/// <summary>There is no such event: it is not in flight, or is no dead letter of the subscription, any more or never was.</summary>
public sealed class NoSuchEventException : RookeryException
{
    /// <summary>Creates it.</summary>
    public NoSuchEventException() : base("there is no such event")
    {
    }

    /// <summary>Creates it with what happened.</summary>
    public NoSuchEventException(string message) : base(message)
    {
    }

    /// <summary>Creates it with what happened and what caused it.</summary>
    public NoSuchEventException(string message, Exception? innerException) : base(message, innerException)
    {
    }

    /// <summary>The event as it was asked for, such as <c>#7</c>; null where that is not known.</summary>
    public string? EventId { get; init; }
}
