using System.Net.Sockets;
using System.Text;

namespace Rookery.Client;

// The one connection at a time: served until it is lost, then replaced.
public sealed partial class RookeryClient
{
    // One write to the socket takes about this much; what waits longer goes with the next.
    private const long BytesPerWrite = 128 * 1024;

    // What the broker said last is often still on its way when writing fails.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private string? _lastWord;
    private int _longestLine;

    private async Task RunAsync(LineConnection connection)
    {
        Exception end;
        try
        {
            end = await KeepConnectedAsync(connection).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            end = new ObjectDisposedException(nameof(RookeryClient));
        }
#pragma warning disable CA1031 // Whatever it is, callers have to be told rather than left waiting.
        catch (Exception e)
#pragma warning restore CA1031
        {
            end = e;
        }

        var orderly = end is ObjectDisposedException;
        _window.Close(end);
        _queue.End(end);
        foreach (var subscription in Subscriptions())
        {
            subscription.End(orderly ? null : end, unsent: end);
        }

        Options.ConnectionChanged?.Invoke(new ConnectionChange(ConnectionState.Closed, orderly ? null : end, TimeSpan.Zero));
    }

    /// <returns>Why it ended.</returns>
    private async Task<Exception> KeepConnectedAsync(LineConnection connection)
    {
        var backOff = new BackOff(Options.ReconnectMin, Options.ReconnectMax, Options.ReconnectJitter);
        while (true)
        {
            Volatile.Write(ref _longestLine, connection.LongestLine);
            Options.ConnectionChanged?.Invoke(new ConnectionChange(ConnectionState.Connected, null, TimeSpan.Zero));
            var since = Options.TimeProvider.GetTimestamp();
            Exception reason;
            await using (connection.ConfigureAwait(false))
            {
                reason = await ServeAsync(connection).ConfigureAwait(false);
            }

            _stop.Token.ThrowIfCancellationRequested();
            if (reason is TakenOverException)
            {
                return reason;
            }

            ClientMetrics.ConnectionsLost.Add(1);
            if (Options.TimeProvider.GetElapsedTime(since) > Options.ReconnectMax)
            {
                // A broker that greets and hangs up at once must not be asked again and again at the shortest pause.
                backOff.Reset();
            }

            PrepareNext(reason);
            connection = await ReconnectAsync(backOff, reason).ConfigureAwait(false);
        }
    }

    /// <returns>Why the connection ended.</returns>
    private async Task<Exception> ServeAsync(LineConnection connection)
    {
        _lastWord = null;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var reading = connection.ReadAsync(TakeLine, ended.Token);
        var writing = WriteAsync(connection, ended.Token);
        var beating = BeatAsync(connection, ended.Token);
        var first = await Task.WhenAny(reading, writing, beating).ConfigureAwait(false);
        if (first == writing && !ended.IsCancellationRequested)
        {
            await Task.WhenAny(reading, Task.Delay(LastWords, Options.TimeProvider, ended.Token)).ConfigureAwait(false);
        }

        var reason = await ReasonAsync(reading.IsCompleted ? reading : first).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(ReasonAsync(reading), ReasonAsync(writing), ReasonAsync(beating)).ConfigureAwait(false);
        return reason;
    }

    private async Task<Exception> ReasonAsync(Task part)
    {
        try
        {
            await part.ConfigureAwait(false);
            return new RookeryConnectionException(_lastWord is { } word ? $"the broker closed the connection: {word}" : "the broker closed the connection");
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return new RookeryConnectionException($"the connection was lost: {e.Message}", e);
        }
        catch (Exception e) when (e is RookeryException or OperationCanceledException)
        {
            return e;
        }
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        if (Lines.IsEvent(line))
        {
            if (Volatile.Read(ref _listings) > 0 && Lines.IsDeadLetter(line) && _queue.Listing() is { } listing)
            {
                listing.Take(line);
            }
            else if (Find(EventFields.TopicOf(line)) is { } subscription)
            {
                subscription.Receive(line);
            }
            else
            {
                // On its way when the subscription ended.
                ClientMetrics.Unasked.Add(1);
            }
        }
        else if (Lines.DroppedTopic(line) is { IsEmpty: false } dropped)
        {
            Find(dropped)?.End(new TopicDroppedException(Encoding.ASCII.GetString(dropped)));
        }
        else if (Lines.IsTakeover(line))
        {
            throw new TakenOverException();
        }
        else if (Lines.IsFarewell(line))
        {
            _lastWord = RookeryException.Of(Encoding.UTF8.GetString(line)).Message;
        }
        else if (!Lines.IsRemark(line))
        {
            if (_queue.TakeReplied() is { } command)
            {
                command.Reply(line);
            }
            else
            {
                ClientMetrics.Unasked.Add(1);
            }
        }
    }

    private async Task WriteAsync(LineConnection connection, CancellationToken cancellationToken)
    {
        _queue.Wake();
        while (true)
        {
            await _queue.WorkAsync(cancellationToken).ConfigureAwait(false);
            bool more;
            do
            {
                more = _queue.Send(connection.Output, BytesPerWrite);
                await connection.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
            while (more);
        }
    }

    private async Task BeatAsync(LineConnection connection, CancellationToken cancellationToken)
    {
        var asked = false;
        var seen = connection.Reads;
        while (true)
        {
            await Task.Delay(Options.Heartbeat, Options.TimeProvider, cancellationToken).ConfigureAwait(false);
            if (connection.Reads != seen)
            {
                seen = connection.Reads;
                asked = false;
            }
            else if (asked)
            {
                throw new RookeryConnectionException($"no sign of life from the broker for {2 * Options.Heartbeat.TotalSeconds:0.###} s");
            }
            else
            {
                asked = true;
                _queue.Add(new TextCommand(Lines.Plain("ping"), repeatable: false), closing: true);
            }
        }
    }

    private void PrepareNext(Exception reason)
    {
        var again = new List<PendingCommand>();
        lock (_subscriptionsGate)
        {
            _epoch++;
            foreach (var subscription in _subscriptions.Values)
            {
                if (subscription.Lost(_epoch) is { } line)
                {
                    again.Add(new PendingSubscribe(subscription, line, first: false));
                }
            }
        }

        ClientMetrics.CommandsRepeated.Add(_queue.Restore(again, reason));
    }

    private async Task<LineConnection> ReconnectAsync(BackOff backOff, Exception reason)
    {
        var since = Options.TimeProvider.GetTimestamp();
        while (true)
        {
            var pause = backOff.Next();
            if (Options.GiveUpAfter is { } limit && Options.TimeProvider.GetElapsedTime(since) + pause > limit)
            {
                throw new RookeryConnectionException($"gave up reconnecting after {limit.TotalSeconds:0.###} s: {reason.Message}", reason);
            }

            Options.ConnectionChanged?.Invoke(new ConnectionChange(ConnectionState.Reconnecting, reason, pause));
            await Task.Delay(pause, Options.TimeProvider, _stop.Token).ConfigureAwait(false);
            try
            {
                return await LineConnection.OpenAsync(Options, _stop.Token).ConfigureAwait(false);
            }
            catch (RookeryException e) when (e is not AccessDeniedException)
            {
                ClientMetrics.ConnectsFailed.Add(1);
                reason = e;
            }
        }
    }
}
