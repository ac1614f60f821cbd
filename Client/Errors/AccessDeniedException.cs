namespace Rookery.Client;

/// <summary>The broker does not know the token, or asks for one. Asking again would not help: the client closes.</summary>
public sealed class AccessDeniedException : RookeryException
{
    /// <summary>Creates it.</summary>
    public AccessDeniedException() : base("the broker refused the token")
    {
    }

    /// <summary>Creates it with what the broker said.</summary>
    public AccessDeniedException(string message) : base(message)
    {
    }

    /// <summary>Creates it with what the broker said and what caused it.</summary>
    public AccessDeniedException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
