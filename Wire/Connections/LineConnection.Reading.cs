using System.Globalization;
using Rookery.Broker;

namespace Rookery.Wire;

/// <content>From bytes to commands.</content>
internal sealed partial class LineConnection
{
    /// <returns>Whether the client may still be sending.</returns>
    private async Task<bool> ReadAsync()
    {
        var input = _transport.Transport.Input;
        while (!HasEnded)
        {
            var result = await input.ReadAsync().ConfigureAwait(false);
            Volatile.Write(ref _active, _time.GetTimestamp());
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
            if (before + line.Length > _longestLine + 1 || (ends && IsTooLong(line)))
            {
                WireMetrics.LinesTooLong.Add(1);
                _log.Closed(_transport.RemoteEndPoint, "a line was too long");
                _commands.Fault(Errors.Fill(Errors.LineTooLong, _longestLine.ToString(CultureInfo.InvariantCulture)));
                _commands.Round.IsLast = true;
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
                _commands.Round.IsLast = step == Step.Close;
                return step;
            }
        }

        return Step.Next;
    }

    private bool IsTooLong(ReadOnlySpan<byte> line)
    {
        var length = _partial.Count + line.Length;
        var last = line.Length > 0 ? line[^1] : _partial.Count > 0 ? _partial.Span[^1] : (byte)0;
        return (last == '\r' ? length - 1 : length) > _longestLine;
    }

    /// <returns>Whether to go on reading.</returns>
    private async ValueTask<bool> ActAsync(Step step)
    {
        switch (step)
        {
            case Step.Open:
            case Step.Hello:
                return await SubmitAsync().ConfigureAwait(false) && await OpenAsync(step == Step.Hello ? _commands.Greeted : null).ConfigureAwait(false);
            case Step.List:
                return await SubmitAsync(atMost: 0).ConfigureAwait(false);
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

        while (_replies.Cost > bound && !HasEnded && !_sendQueue.IsGone)
        {
            await _replies.ProgressAsync().ConfigureAwait(false);
        }

        return !HasEnded && !_sendQueue.IsGone;
    }

    private async ValueTask<bool> OpenAsync(Hello? hello)
    {
        if (hello is not null && _gatekeeper is { } gatekeeper)
        {
            if (gatekeeper.Admit(hello.Token, _transport.RemoteEndPoint, out var fault) is not { } grant)
            {
                return await RefuseAsync(fault!).ConfigureAwait(false);
            }

            Admit(grant);
        }

        _sendQueue.WithMeta = hello?.Meta ?? false;
        var identity = new SessionIdentity { Name = hello?.As, Producer = hello?.Producer, Owner = _commands.Grant!.Owner };
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
                QuestionKind.Topics => StatsJson.TopicsReply(Allowed(await _broker.GetTopicsAsync(_gone.Token).ConfigureAwait(false))),
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
}
