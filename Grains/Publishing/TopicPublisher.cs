using System.Diagnostics.Metrics;
using Rookery.Broker;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// Publishes to topics of the cluster from within it. What was certainly not executed is tried again until a deadline; what may
/// have been is tried again where its events are numbered, and is <see cref="Outcome.Unknown"/> where they are not. For any
/// number of callers, each with a batch of its own.
/// </summary>
public sealed class TopicPublisher
{
    private static readonly Counter<long> Events = ClusterMetrics.Meter.CreateCounter<long>("rookery.publisher.events");
    private static readonly Counter<long> Retries = ClusterMetrics.Meter.CreateCounter<long>("rookery.publisher.retries");

    private readonly IGrainFactory _grains;
    private readonly TopicPublisherOptions _options;
    private readonly TimeProvider _time;

    /// <summary>A publisher.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public TopicPublisher(IGrainFactory grains, TopicPublisherOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(grains);
        (_grains, _options, _time) = (grains, options ?? new TopicPublisherOptions(), time ?? TimeProvider.System);
        _options.Validate();
    }

    /// <summary>Publishes a batch, which gets its results; an empty one is nothing.</summary>
    /// <param name="commands">Publishes to one topic; where a producer is named, all with numbers, which grow from event to event.</param>
    /// <param name="producer">Name under which they are numbered; null: they are not.</param>
    /// <param name="cancellationToken">Gives up; the outcome is unknown.</param>
    /// <returns>
    /// <see cref="Outcome.Done"/>: every event was stored, had been before, or can never be, as its own result says. Else what
    /// is true of those that were not: the same batch can be published again, as long as its events are numbered.
    /// </returns>
    public async Task<PublishEnd> PublishAsync(TopicCommands commands, string? producer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commands);
        if (commands.Commands.Length == 0)
        {
            return new PublishEnd(Outcome.Done, null);
        }

        var request = new PublishRequest(producer, Write(commands));
        var topic = _grains.GetGrain<ITopicGrain>(commands.Topic.Value);
        var backOff = new BackOff(_options.Pause.First, _options.Pause.Longest);
        var began = _time.GetTimestamp();
        var maybe = false;
        while (true)
        {
            var end = await TryAsync(topic, request, commands, cancellationToken).ConfigureAwait(false);
            maybe |= end.Outcome == Outcome.Unknown;
            var again = end.Outcome == Outcome.Unavailable || (end.Outcome == Outcome.Unknown && producer is not null);
            var pause = backOff.Next();
            if (!again || _time.GetElapsedTime(began) + pause >= _options.Deadline)
            {
                Events.Add(end.Outcome == Outcome.Done ? commands.Commands.Length : 0);
                return maybe && end.Outcome == Outcome.Unavailable ? Fill(commands, Outcome.Unknown, end.Detail) : end;
            }

            Retries.Add(1);
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<PublishEnd> TryAsync(
        ITopicGrain topic, PublishRequest request, TopicCommands commands, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await topic.PublishAsync(request, CancellationToken.None)
                .WaitAsync(_options.Attempt, _time, cancellationToken).ConfigureAwait(false);
            if (reply.Status != LinkStatus.Done)
            {
                return Fill(commands, Outcome.Unavailable, reply.Detail);
            }

            Read(reply.Results, commands);
            return EndOf(commands);
        }
        catch (Exception error) when (CallErrors.WasNotExecuted(error))
        {
            return Fill(commands, Outcome.Unavailable, error.Message);
        }
#pragma warning disable CA1031 // Whatever went wrong on the way: it may have arrived.
        catch (Exception error) when (error is not (InvalidDataException or OperationCanceledException))
#pragma warning restore CA1031
        {
            return Fill(commands, Outcome.Unknown, error is TimeoutException ? "the topic did not answer in time" : error.Message);
        }
    }

    private static byte[] Write(TopicCommands commands)
    {
        using var writer = new FlatWriter(commands.Bytes + 1024);
        CommandCodec.Write(writer, commands);
        return writer.ToArray();
    }

    private static void Read(byte[] results, TopicCommands commands)
    {
        var reader = new FlatReader(results);
        ResultCodec.Read(ref reader, commands);
    }

    private static PublishEnd Fill(TopicCommands commands, Outcome outcome, string? why)
    {
        commands.Results.Fill(new CommandResult { Outcome = outcome, Detail = why });
        return new PublishEnd(outcome, why);
    }

    /// <summary>The first outcome that leaves an event to be published.</summary>
    private static PublishEnd EndOf(TopicCommands commands)
    {
        var left = PublishResults.FirstLeft(commands);
        return left < 0 ? new PublishEnd(Outcome.Done, null) : new PublishEnd(commands.Results[left].Outcome, commands.Results[left].Detail);
    }
}

/// <summary>What publishing a batch came to.</summary>
/// <param name="Outcome">
/// <see cref="Outcome.Done"/>, <see cref="Outcome.Refused"/> by a limit, <see cref="Outcome.Unavailable"/>: not executed, or
/// <see cref="Outcome.Unknown"/>.
/// </param>
/// <param name="Detail">Why it is not done.</param>
public readonly record struct PublishEnd(Outcome Outcome, string? Detail);
