namespace Rookery.Grains;

/// <summary>Reads streams of server-sent events; connects again by itself, with back-off.</summary>
public interface IEventStream
{
    /// <summary>Reads a stream until cancelled.</summary>
    /// <param name="stream">Where it is served.</param>
    /// <param name="lastEventId">Where to go on (<c>Last-Event-ID</c>); null: wherever the server begins.</param>
    /// <param name="sink">Takes what comes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task RunAsync(Uri stream, string? lastEventId, IEventSink sink, CancellationToken cancellationToken);
}
