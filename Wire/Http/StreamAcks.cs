using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// Settles what a session has shown, where its client leaves that to the server: one acknowledgement at a time, of all that was
/// shown meanwhile. What the broker cannot take at present is tried again; an acknowledgement twice does no harm.
/// </summary>
internal sealed class StreamAcks(TopicName topic, Func<IBrokerSession> session, TimeProvider time, CancellationToken ended)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private List<long> _waiting = [];
    private List<long> _settling = [];
    private bool _isRunning;

    /// <summary>The one under way, for the end to wait for.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    public void Add(IReadOnlyList<long> sequences)
    {
        lock (_gate)
        {
            _waiting.AddRange(sequences);
            if (!_isRunning)
            {
                _isRunning = true;
                Running = RunAsync();
            }
        }
    }

    internal static List<SequenceRange> RangesOf(List<long> sequences)
    {
        sequences.Sort();
        var ranges = new List<SequenceRange>();
        foreach (var sequence in sequences)
        {
            if (ranges.Count > 0 && ranges[^1].Last >= sequence - 1)
            {
                ranges[^1] = ranges[^1] with { Last = sequence };
            }
            else
            {
                ranges.Add(new SequenceRange(sequence, sequence));
            }
        }

        return ranges;
    }

    private async Task RunAsync()
    {
        var commands = new TopicCommands();
        try
        {
            while (Take())
            {
                commands.Reset(topic, 0);
                commands.Acknowledge([.. RangesOf(_settling)]);
                await session().ExecuteAsync(commands).ConfigureAwait(false);
                if (commands.Results[0].Outcome is Outcome.Unavailable or Outcome.Unknown && !await AgainAsync().ConfigureAwait(false))
                {
                    return;
                }
            }
        }
        catch
        {
            lock (_gate)
            {
                // The next one tries.
                _isRunning = false;
            }

            throw;
        }
    }

    private bool Take()
    {
        lock (_gate)
        {
            _settling.Clear();
            (_waiting, _settling) = (_settling, _waiting);
            _isRunning = _settling.Count > 0;
            return _isRunning;
        }
    }

    private async Task<bool> AgainAsync()
    {
        lock (_gate)
        {
            _waiting.AddRange(_settling);
        }

        try
        {
            await Task.Delay(Pause, time, ended).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
