namespace Rookery.Client;

/// <summary>
/// An event may or may not have been stored: the broker could not tell, or the connection was lost. After a lost connection a client
/// with a <see cref="RookeryClientOptions.Producer"/> sends its events again by itself, and this comes only if it closes or gives up first.
/// </summary>
/// <remarks>
/// The event can be published again under its <see cref="Number"/>, and is stored once. If an event with a higher number was stored in the
/// topic meanwhile, that one is used up: the broker confirms it without storing it, with <see cref="PublishReceipt.Sequence"/> 0.
/// So whoever wants to repeat has one event of a topic under way at a time.
/// </remarks>
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

    /// <summary>The number the event had; 0 without a <see cref="RookeryClientOptions.Producer"/>.</summary>
    public long Number { get; init; }
}
