using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>Settings of a pool of workers.</summary>
public sealed record ElasticPoolOptions
{
    /// <summary>How many workers, and when more or fewer.</summary>
    public PoolScalerOptions Size { get; init; } = new();

    /// <summary>How often the number of workers is looked at, 1 ms or more. Default: 250 ms.</summary>
    public TimeSpan ScaleEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How the worker for the next piece of work is picked. Default: the one with the least work.</summary>
    public RoutingRule Routing { get; init; } = RoutingRule.LeastConnected;

    /// <summary>Pieces of work that may wait in the whole pool before the senders do, 1 or more. Default: 256.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>Whether kill messages are passed over instead of crashing the worker that drew them. Default: false.</summary>
    public bool IgnoreKills { get; init; }

    /// <summary>Pretended work per tweet. Default: none.</summary>
    public SimulatedWorkOptions SimulatedWork { get; init; } = new();

    /// <summary>To how many workers each piece of work is given at once; the first one wins, the others are cancelled. 1 to 16. Default: 1.</summary>
    public int Speculation { get; init; } = 1;

    /// <summary>Whether work is handed out tweet by tweet, because each one takes its time.</summary>
    internal bool TweetByTweet => Speculation > 1 || SimulatedWork.Distribution != WorkDistribution.None;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value, also one of the options within, is out of its bounds.</exception>
    public void Validate()
    {
        SimulatedWork.Validate();
        Check(Size.Min >= 1, nameof(PoolScalerOptions.Min), Size.Min, "1 or more");
        Check(Size.Max >= Size.Min && Size.Max <= 1024, nameof(PoolScalerOptions.Max), Size.Max, "Min to 1024");
        Check(ScaleEvery >= TimeSpan.FromMilliseconds(1), nameof(ScaleEvery), ScaleEvery, "1 ms or more");
        Check(MaxWaiting >= 1, nameof(MaxWaiting), MaxWaiting, "1 or more");
        Check(Speculation is >= 1 and <= 16, nameof(Speculation), Speculation, "1 to 16");
        Check(Enum.IsDefined(Routing), nameof(Routing), Routing, "LeastConnected or RoundRobin");
    }

    private static void Check(bool holds, string option, object value, string bound)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be {bound}.");
        }
    }
}
