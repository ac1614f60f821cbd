namespace Rookery.Broker;

/// <summary>The broker cannot take a session or answer a question at present.</summary>
public sealed class BrokerUnavailableException : Exception
{
    /// <summary>Creates it with a message for the client.</summary>
    public BrokerUnavailableException(string message) : base(message)
    {
    }

    /// <summary>Creates it with a message for the client and what caused it.</summary>
    public BrokerUnavailableException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Creates it.</summary>
    public BrokerUnavailableException() : base("the broker is not available")
    {
    }
}
