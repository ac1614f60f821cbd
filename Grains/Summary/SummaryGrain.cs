using System.Globalization;
using System.Text;
using Rookery.Broker;
using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>
/// Merges the sketches and histograms of all silos, so that what it publishes has the same bounds of error as one silo's. What cannot be
/// published when it is due is left out: it is old a moment later.
/// </summary>
internal sealed class SummaryGrain(PipelineServices services, TopicPublisher publisher) : Grain, ISummaryGrain, IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Forget = TimeSpan.FromMinutes(1);

    /// <summary>By how much the clock of a silo may be ahead of this one's: what it counts later than that would take the places of what is true.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(5);


    private readonly Dictionary<Guid, (long Number, long HeardAt, bool IsAhead)> _silos = [];
    private readonly StatisticsWindow _statistics = new("#1");
    private readonly StatisticsWriter _writer = new();
    private readonly TopicCommands _commands = new();
    private HashtagRanking _hashtags = null!;
    private int _ticks;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _hashtags = new HashtagRanking(services.Options.Hashtags);
        this.RegisterGrainTimer(PublishAsync, new GrainTimerCreationOptions { DueTime = Second, Period = Second, Interleave = true });
        return Task.CompletedTask;
    }

    public void Dispose() => _writer.Dispose();

    /// <inheritdoc/>
    public Task AddAsync(SiloReport report, CancellationToken cancellationToken = default)
    {
        if (_silos.TryGetValue(report.Silo, out var last) && report.Number <= last.Number)
        {
            return Task.CompletedTask;
        }

        var isAhead = Merge(report.Hashtags);
        if (isAhead && !last.IsAhead)
        {
            PipelineLog.ClockAhead(services.Logger, report.Silo, Ahead);
        }

        if (report.Statistics.Length > 0)
        {
            _statistics.Add(SummaryCodec.ReadSample(report.Statistics));
        }

        var now = services.Time.GetTimestamp();
        _silos[report.Silo] = (report.Number, now, isAhead);
        foreach (var (silent, _) in _silos.Where(one => services.Time.GetElapsedTime(one.Value.HeardAt, now) > Forget).ToList())
        {
            _silos.Remove(silent);
        }

        return Task.CompletedTask;
    }

    /// <summary>Adds panes, but for those of the future.</summary>
    /// <returns>Whether there were any of the future.</returns>
    private bool Merge(byte[] panes)
    {
        var isAhead = false;
        var latest = (services.Time.GetUtcNow() + Ahead).ToUnixTimeMilliseconds() / (long)services.Options.Hashtags.Pane.TotalMilliseconds;
        foreach (var pane in SummaryCodec.ReadPanes(panes))
        {
            if (pane.Time > latest)
            {
                isAhead = true;
                PipelineMetrics.PanesAhead.Add(1);
                continue;
            }

            _hashtags.Merge(pane);
        }

        return isAhead;
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        var now = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var top = _hashtags.Top(now);
        if (top.Count > 0)
        {
            Begin(TopicNames.Hashtags);
            Add(now, _writer.Write(services.Options.Hashtags.Window, top));
            await PublishAsync(TopicNames.Hashtags, cancellationToken);
        }

        if (++_ticks % (int)(StatisticsWindow.Length / Second) == 0)
        {
            foreach (var statistics in _statistics.Close())
            {
                Begin(statistics.Topic);
                Add(now, _writer.Write(statistics));
                await PublishAsync(statistics.Topic, cancellationToken);
            }
        }
    }

    private void Begin(string topic) => _commands.Reset(TopicName.Parse(topic), 0);

    // The id is the time of measuring: unique per topic, and a person can read it.
    private void Add(long now, ReadOnlySpan<byte> message) =>
        _commands.Publish(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\"{now}\"")), message);

    private async Task PublishAsync(string topic, CancellationToken cancellationToken)
    {
        var end = await publisher.PublishAsync(_commands, null, cancellationToken);
        if (end.Outcome != Outcome.Done)
        {
            PipelineLog.NotPublished(services.Logger, topic, end.Detail ?? end.Outcome.ToString());
        }
    }
}
