namespace Rookery.Client;

/// <summary>Somebody dropped the topic, and the subscription ended with it. The client goes on; to subscribe again begins a new one.</summary>
public sealed class TopicDroppedException : RookeryException
{
    /// <summary>Creates it for a topic.</summary>
    public TopicDroppedException(string topic) : base($"topic {topic} was dropped, and the subscription to it ended")
    {
    }

    /// <summary>Creates it.</summary>
    public TopicDroppedException() : base("the topic was dropped, and the subscription to it ended")
    {
    }

    /// <summary>Creates it with what happened and what caused it.</summary>
    public TopicDroppedException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
