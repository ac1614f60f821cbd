namespace Rookery.Grains;

/// <summary>Takes the events of one stream, one call at a time.</summary>
public interface IEventSink
{
    /// <summary>The stream is connected.</summary>
    void Opened();

    /// <summary>One event. A call that blocks is how pressure reaches the socket.</summary>
    /// <param name="data">Its data, UTF-8; valid during the call.</param>
    /// <param name="id">Its id, where the stream sent one.</param>
    void Received(ReadOnlySpan<byte> data, string? id);

    /// <summary>The connection is lost or was refused; it is tried again.</summary>
    /// <param name="reason">Why, in words.</param>
    void Closed(string reason);
}
