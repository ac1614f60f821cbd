using System.Net.Sockets;
using LaunchDarkly.EventSource;
using Rookery.Grains;

namespace Rookery.Silo;

/// <summary>Tells a sink what happens to one stream, in words, and nothing more once it has stopped.</summary>
internal sealed class StreamRun(Uri stream, IEventSink sink, EventStreamOptions options)
{
    private readonly Lock _gate = new();
    private bool _told = true;
    private bool _stopped;

    public void Opened() => Tell(() =>
    {
        _told = false;
        sink.Opened();
    });

    public void Received(MessageEvent message)
    {
        lock (_gate)
        {
            if (!_stopped)
            {
                var data = message.DataUtf8Bytes;
                sink.Received(data.Data.AsSpan(data.Offset, data.Length), message.LastEventId);
            }
        }
    }

    public void Failed(Exception error) => Tell(() =>
    {
        _told = true;
        sink.Closed(Words(error));
    });

    /// <summary>The connection is closed; where no error was told before, the server has ended it.</summary>
    public void Ended() => Tell(() =>
    {
        if (!_told)
        {
            _told = true;
            sink.Closed($"{stream} ended the stream");
        }
    });

    /// <summary>Waits for a call of the sink that is under way; there will be no other.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
        }
    }

    private void Tell(Action what)
    {
        lock (_gate)
        {
            if (!_stopped)
            {
                what();
            }
        }
    }

    private string Words(Exception error) => error switch
    {
        EventSourceServiceUnsuccessfulResponseException answer => $"{stream} answered {answer.StatusCode}; a stream answers 200",
        ReadTimeoutException => $"{stream} brought no byte for {options.StallTimeout.TotalSeconds:0.###} s",
        TimeoutException or OperationCanceledException => $"{stream} did not answer within {options.ConnectTimeout.TotalSeconds:0.###} s",
        EventSourceServiceCancelledException or NullReferenceException => $"{stream} answered with something else than text/event-stream ({error.Message})",
        HttpRequestException when _told => $"{stream} cannot be reached: {error.InnerException?.Message ?? error.Message}",
        HttpRequestException or IOException or SocketException => $"the connection to {stream} broke: {error.InnerException?.Message ?? error.Message}",
        _ => $"reading {stream} failed: {error.GetType().Name}: {error.Message}",
    };
}
