using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Rookery.Wire;

/// <content>How a connection ends.</content>
internal sealed partial class LineConnection
{
    /// <summary>Lets pending replies out, says the last words, ends the session; by the deadline all of it is over.</summary>
    private async Task FinishAsync(Task sending, bool lingers)
    {
        Interlocked.Exchange(ref _ended, 1);
        _gone.CancelAfter(_options.DrainTimeout);
        var deadline = _gone.Token.UnsafeRegister(
            static state =>
            {
                var connection = (LineConnection)state!;
                connection._transport.Abort();
                connection._replies.Wake();
            },
            this);

        // What a command of the connection has caused is answered; nothing else comes any more.
        while (_replies.Cost > 0 && !_sendQueue.IsGone && !_gone.IsCancellationRequested)
        {
            await _replies.ProgressAsync().ConfigureAwait(false);
        }

        lock (_sendQueue.Gate)
        {
            _sendQueue.RefuseDeliveries();
            if (_lastWords is { } words)
            {
                _sendQueue.Ready.AppendLine(words);
            }
        }

        _sendQueue.Complete();
        var ending = EndSessionAsync();
        await sending.ConfigureAwait(false);
        if (lingers && !_sendQueue.IsGone)
        {
            await LingerAsync().ConfigureAwait(false);
        }

        _commands.Release();
        _partial.Release();
        _sendQueue.Release();
        await ending.ConfigureAwait(false);
        await deadline.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Reads and forgets what the client still sends, until it pauses: to close with unread bytes resets the connection,
    /// and the client would never see the last line.
    /// </summary>
    private async Task LingerAsync()
    {
        var input = _transport.Transport.Input;
        using var quiet = _time.CreateTimer(static input => ((PipeReader)input!).CancelPendingRead(), input, Quiet, Quiet);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync().ConfigureAwait(false);
                var pause = result.IsCanceled && result.Buffer.IsEmpty;
                input.AdvanceTo(result.Buffer.End);
                if (pause || result.IsCompleted)
                {
                    return;
                }

                quiet.Change(Quiet, Quiet);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ConnectionAbortedException)
        {
            // Gone is as good as quiet.
        }
    }

    private async Task EndSessionAsync()
    {
        if (_session is { } session)
        {
            try
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // The client is gone; whatever goes wrong now is the broker's to repair.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _log.ConnectionFailed(error);
            }
        }
    }
}
