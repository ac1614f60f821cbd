using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// One client of the line protocol: reads its lines, executes them in batches, writes replies and events. Reading stops
/// while too many commands are in execution or too many replies wait for a slow reader.
/// </summary>
internal sealed class LineConnection : ISessionReceiver, IDisposable
{
    private const int MostCommandsOfRound = 4096;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private readonly ConnectionContext _transport;
    private readonly IBroker _broker;
    private readonly WireOptions _options;
    private readonly TimeProvider _time;
    private readonly WireLog _log;
    private readonly Func<int> _connections;
    private readonly Outbox _outbox;
    private readonly CommandReader _commands;
    private readonly ReplyQueue _replies;
    private readonly ByteBuffer _partial = new();
    private readonly CancellationTokenSource _gone;
    private IBrokerSession? _session;
    private string? _lastWords;
    private int _ended;
    private long _active;

    public LineConnection(
        ConnectionContext transport, IBroker broker, WireOptions options, TimeProvider time, WireLog log, Func<int> connections)
    {
        (_transport, _broker, _options, _time, _log, _connections) = (transport, broker, options, time, log, connections);
        _outbox = new Outbox(transport.Transport.Output, options.MaxPendingOutput);
        var shares = new SubscriptionShares(options);
        _commands = new CommandReader(options, broker.Limits, _outbox, shares);
        _replies = new ReplyQueue(_outbox, new ReplyWriter(_outbox, shares), log);
        _gone = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _active = time.GetTimestamp();
    }

    /// <summary>Time since the last command or event.</summary>
    public TimeSpan Idle => _time.GetElapsedTime(Volatile.Read(ref _active));

    private bool HasEnded => Volatile.Read(ref _ended) != 0;

    /// <summary>Serves the client until it leaves or is told to.</summary>
    public async Task RunAsync()
    {
        var sending = _outbox.SendAsync(Grant, Sent);
        var lingers = false;
        try
        {
            lock (_outbox.Gate)
            {
                _outbox.Ready.Append("Successfully connected to message_broker\r\n"u8);
            }

            _outbox.Wake();
            lingers = await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The peer went away in the middle of something: nobody is left to be told.
        }
        finally
        {
            await FinishAsync(sending, lingers).ConfigureAwait(false);
        }
    }

    /// <summary>Stops reading; what was read is answered, then the line is said and the connection closed.</summary>
    public void End(string? lastWords)
    {
        if (Interlocked.CompareExchange(ref _ended, 1, 0) == 0)
        {
            _lastWords = lastWords;
            _gone.CancelAfter(_options.DrainTimeout);
            Interrupt();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gone.Dispose();

    /// <inheritdoc/>
    public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
    {
        lock (_outbox.Gate)
        {
            _outbox.Deliver(_commands.Topic(topic), after, deliveries);
        }

        _active = _time.GetTimestamp();
        WireMetrics.Deliveries.Add(deliveries.Length);
        _outbox.Wake();
    }

    /// <inheritdoc/>
    public void Close(SessionEnd reason)
    {
        if (reason == SessionEnd.TakenOver)
        {
            WireMetrics.TakenOver.Add(1);
        }

        lock (_outbox.Gate)
        {
            _outbox.RefuseDeliveries();
        }

        End(reason switch
        {
            SessionEnd.TakenOver => Errors.TakenOver,
            SessionEnd.ShuttingDown => Errors.ShuttingDown,
            _ => Errors.Lost,
        });
    }

    /// <returns>Whether the client may still be sending.</returns>
    private async Task<bool> ReadAsync()
    {
        var input = _transport.Transport.Input;
        while (!HasEnded)
        {
            var result = await input.ReadAsync().ConfigureAwait(false);
            _active = _time.GetTimestamp();
            var goOn = true;
            foreach (var segment in result.Buffer)
            {
                var at = 0;
                while (goOn && at < segment.Length)
                {
                    var step = ReadLines(segment.Span, ref at);
                    goOn = step == Step.Next || await ActAsync(step).ConfigureAwait(false);
                    if (_commands.Round.Slots.Count >= MostCommandsOfRound)
                    {
                        goOn &= await SubmitAsync().ConfigureAwait(false);
                    }
                }
            }

            WireMetrics.BytesIn.Add(result.Buffer.Length);
            input.AdvanceTo(result.Buffer.End);
            goOn &= await SubmitAsync().ConfigureAwait(false);
            if (!goOn || result.IsCompleted)
            {
                return !result.IsCompleted;
            }
        }

        return true;
    }

    /// <summary>Reads lines until one needs more than reading, or the bytes or the round are full.</summary>
    private Step ReadLines(ReadOnlySpan<byte> bytes, ref int at)
    {
        var slots = _commands.Round.Slots;
        while (at < bytes.Length && slots.Count < MostCommandsOfRound)
        {
            var rest = bytes[at..];
            var length = rest.IndexOf((byte)'\n');
            var ends = length >= 0;
            var line = ends ? rest[..length] : rest;
            var before = _partial.Count;

            // One more than allowed may yet be the \r of its end.
            if (before + line.Length > _options.MaxLineBytes + 1 || (ends && IsTooLong(line)))
            {
                WireMetrics.LinesTooLong.Add(1);
                _log.Closed(_transport.RemoteEndPoint, "a line was too long");
                _commands.Fault(Errors.Fill(Errors.LineTooLong, _options.MaxLineBytes.ToString(CultureInfo.InvariantCulture)));
                return Step.Close;
            }

            if (!ends)
            {
                _partial.Append(line);
                at = bytes.Length;
                break;
            }

            if (before > 0)
            {
                _partial.Append(line);
                line = _partial.Span;
            }

            var step = _commands.Read(line);
            if (step == Step.Open)
            {
                _partial.Truncate(before);
                return step;
            }

            _partial.Release();
            _commands.Round.Cost += line.Length;
            at += length + 1;
            if (step != Step.Next)
            {
                return step;
            }
        }

        return Step.Next;
    }

    private bool IsTooLong(ReadOnlySpan<byte> line)
    {
        var length = _partial.Count + line.Length;
        var last = line.Length > 0 ? line[^1] : _partial.Count > 0 ? _partial.Span[^1] : (byte)0;
        return (last == '\r' ? length - 1 : length) > _options.MaxLineBytes;
    }

    /// <returns>Whether to go on reading.</returns>
    private async ValueTask<bool> ActAsync(Step step)
    {
        switch (step)
        {
            case Step.Open:
            case Step.Hello:
                return await SubmitAsync().ConfigureAwait(false) && await OpenAsync(step == Step.Hello ? _commands.Greeted : null).ConfigureAwait(false);
            case Step.Ask:
                return await SubmitAsync(atMost: 0).ConfigureAwait(false) && await AnswerAsync(_commands.Question).ConfigureAwait(false);
            default:
                return false;
        }
    }

    /// <summary>Executes what was read, and waits while more than allowed is in execution.</summary>
    private async ValueTask<bool> SubmitAsync(long? atMost = null)
    {
        if (_commands.TakeRound() is { } round)
        {
            WireMetrics.Commands.Add(round.Slots.Count);
            _replies.Submit(round, _session);
        }

        var bound = atMost ?? _options.MaxPendingCommands;
        if (_replies.Cost > bound && atMost is null)
        {
            WireMetrics.InputPauses.Add(1);
        }

        while (_replies.Cost > bound && !HasEnded && !_outbox.IsGone)
        {
            await _replies.ProgressAsync().ConfigureAwait(false);
        }

        return !HasEnded && !_outbox.IsGone;
    }

    private async ValueTask<bool> OpenAsync(Hello? hello)
    {
        _outbox.WithMeta = hello?.Meta ?? false;
        var identity = new SessionIdentity { Name = hello?.As, Producer = hello?.Producer };
        try
        {
            _session = await _broker.OpenAsync(identity, this, _gone.Token).ConfigureAwait(false);
        }
        catch (BrokerUnavailableException error)
        {
            _log.BrokerUnavailable(error.Message);
            if (hello is null)
            {
                _commands.NotOpened(error.Message);
            }
            else
            {
                _commands.Fault(Errors.Fill(Errors.Unavailable, "hello", error.Message));
            }

            return true;
        }

        _commands.Opened(hello);
        if (hello is not null)
        {
            _commands.Say(StatsJson.HelloReply(_options, _broker.Limits));
        }

        return !HasEnded;
    }

    private async ValueTask<bool> AnswerAsync(Question question)
    {
        try
        {
            _commands.Say(question.Kind switch
            {
                QuestionKind.Topics => StatsJson.TopicsReply(await _broker.GetTopicsAsync(_gone.Token).ConfigureAwait(false)),
                QuestionKind.Topic => await _broker.GetTopicAsync(question.Topic, _gone.Token).ConfigureAwait(false) is { } topic
                    ? StatsJson.TopicReply(topic)
                    : Errors.Fill(Errors.NoSuchTopic, question.Topic.Value),
                _ => StatsJson.BrokerReply(_options, await _broker.GetStatsAsync(_gone.Token).ConfigureAwait(false), _connections()),
            });
        }
        catch (BrokerUnavailableException error)
        {
            var command = question.Kind == QuestionKind.Topics ? "topics" : "stats";
            _commands.Fault(Errors.Fill(Errors.Unavailable, command, error.Message));
        }

        return !HasEnded;
    }

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
        while (_replies.Cost > 0 && !_outbox.IsGone && !_gone.IsCancellationRequested)
        {
            await _replies.ProgressAsync().ConfigureAwait(false);
        }

        lock (_outbox.Gate)
        {
            _outbox.RefuseDeliveries();
            if (_lastWords is { } words)
            {
                _outbox.Ready.AppendLine(words);
            }
        }

        _outbox.Complete();
        var ending = EndSessionAsync();
        await sending.ConfigureAwait(false);
        if (lingers && !_outbox.IsGone)
        {
            await LingerAsync().ConfigureAwait(false);
        }

        _commands.Release();
        _partial.Release();
        _outbox.Release();
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
        using var quiet = _time.CreateTimer(static input => ((System.IO.Pipelines.PipeReader)input!).CancelPendingRead(), input, Quiet, Quiet);
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

    private void Grant(TopicState topic, long bytes) => _session?.Grant(topic.Name, bytes);

    /// <summary>Something was sent, or cannot be: replies that waited for that go on.</summary>
    private void Sent()
    {
        _replies.Drain();
        if (_outbox.IsGone)
        {
            Interrupt();
        }
    }

    private void Interrupt()
    {
        _replies.Wake();
        _transport.Transport.Input.CancelPendingRead();
    }
}
