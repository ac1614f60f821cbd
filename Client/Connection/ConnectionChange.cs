namespace Rookery.Client;

/// <summary>What became of a connection.</summary>
public enum ConnectionState
{
    /// <summary>Connected, greeted, and every subscription asked for again.</summary>
    Connected,

    /// <summary>Lost, or an attempt failed; another follows after <see cref="ConnectionChange.RetryIn"/>.</summary>
    Reconnecting,

    /// <summary>At an end: disposed, taken over, or given up.</summary>
    Closed,
}

/// <summary>A change of a client's connection.</summary>
/// <param name="State">What it is now.</param>
/// <param name="Reason">Why it was lost or ended; null while connected and after an orderly end.</param>
/// <param name="RetryIn">Pause before the next attempt.</param>
public readonly record struct ConnectionChange(ConnectionState State, Exception? Reason, TimeSpan RetryIn);
