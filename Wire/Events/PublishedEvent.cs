namespace Rookery.Wire;

/// <summary>What the payload of a <c>pub</c> says; its spans lie in the line.</summary>
internal ref struct PublishedEvent
{
    /// <summary>The id as a JSON token, as sent.</summary>
    public ReadOnlySpan<byte> Id;

    /// <summary>The message as sent.</summary>
    public ReadOnlySpan<byte> Message;

    /// <summary>The message may have white space between its tokens.</summary>
    public bool MessageHasSpace;

    public sbyte Priority;

    /// <summary>Time to live in ms; 0 for ever.</summary>
    public long TimeToLiveMs;

    /// <summary>The producer's number; 0: none.</summary>
    public long Number;
}
