using System.Text;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>Prints events and acknowledges those that were printed: an event is settled once its line has left the program.</summary>
internal sealed class EventViewer(RookeryClient client, SubSettings settings, TextWriter output)
{
    private readonly Lock _gate = new();
    private IOException? _failure;
    private int _left = settings.Count ?? int.MaxValue;

    /// <returns>True where as many events came as were asked for.</returns>
    public async Task<bool> RunAsync(CancellationToken stop, CancellationToken insisted)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var subscriptions = new List<Subscription>();
        var stopped = false;
        try
        {
            foreach (var topic in settings.Topics)
            {
                subscriptions.Add(await client.SubscribeAsync(topic, settings.Subscribe, stop));
            }

            await Task.WhenAll(subscriptions.Select(s => ViewAsync(s, enough)));
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            stopped = stop.IsCancellationRequested;
        }

        foreach (var subscription in subscriptions.Where(s => settings.Unsubscribe || !s.IsDurable))
        {
            await subscription.UnsubscribeAsync(insisted);
        }

        return !stopped || Volatile.Read(ref _left) <= 0;
    }

    private async Task ViewAsync(Subscription subscription, CancellationTokenSource enough)
    {
        var printed = new List<ReceivedEvent>();
        try
        {
            await using var events = subscription.GetAsyncEnumerator(enough.Token);
            while (await NextAsync(events, subscription, printed, enough) && Claim(out var last))
            {
                Print(events.Current);
                printed.Add(events.Current);
                if (settings.Delay > TimeSpan.Zero)
                {
                    Flush();
                    await Task.Delay(settings.Delay, enough.Token);
                    Settle(subscription, printed);
                }

                if (last)
                {
                    Settle(subscription, printed);
                    await enough.CancelAsync();
                }
            }
        }
        catch
        {
            // One that fails ends the others too: what came of all of them is told together.
            await enough.CancelAsync();
            throw;
        }
        finally
        {
            Settle(subscription, printed);
        }
    }

    /// <summary>Asks for the next event; before it waits, what was printed goes out and is acknowledged.</summary>
    private async ValueTask<bool> NextAsync(
        IAsyncEnumerator<ReceivedEvent> events, Subscription subscription, List<ReceivedEvent> printed, CancellationTokenSource enough)
    {
        var moving = events.MoveNextAsync();
        if (moving.IsCompleted && printed.Count * 2 < settings.Subscribe.Window)
        {
            return await moving;
        }

        try
        {
            Settle(subscription, printed);
        }
        catch
        {
            // An enumeration can only be left when it does not wait.
            await enough.CancelAsync();
            await moving.AsTask().ContinueWith(_ => { }, TaskScheduler.Default);
            throw;
        }

        return await moving;
    }

    /// <summary>Takes one of the events that are left to show.</summary>
    private bool Claim(out bool last)
    {
        lock (_gate)
        {
            last = _left == 1 && settings.Count is not null;
            return settings.Count is null || _left-- > 0;
        }
    }

    private void Print(ReceivedEvent received)
    {
        var line = settings.Json ? Encoding.UTF8.GetString(received.Line.Span) : EventLine.Of(received);
        Write(writer =>
        {
            writer.Write(line);
            writer.Write('\n');
        });
    }

    private void Flush() => Write(writer => writer.Flush());

    private void Write(Action<TextWriter> write)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                throw new IOException(_failure.Message, _failure.HResult);
            }

            try
            {
                write(output);
            }
            catch (IOException failure)
            {
                // The writer has dropped what it could not write, of whatever topic: none of that may be acknowledged later.
                _failure = failure;
                throw;
            }
        }
    }

    private void Settle(Subscription subscription, List<ReceivedEvent> printed)
    {
        if (printed.Count == 0)
        {
            return;
        }

        Flush();
        printed.ForEach(subscription.Ack);
        printed.Clear();
    }
}
