using System.CommandLine;
using Rookery.Local;
using Rookery.Tweets;

namespace Rookery.Command;

/// <summary>How many workers score, how they are picked, and what they pretend.</summary>
internal static class PoolSettings
{
    private static readonly SimulatedWorkOptions Simulated = new();
    private static readonly PoolScalerOptions Pool = new();

    private static readonly Setting<int> Min = Settings.Whole("--workers-min", "Fewest workers of each pool", Pool.Min, 1, 1024, "workers").IdleWith(RunCommand.NoTweets);
    private static readonly Setting<int> Max = Settings.Whole("--workers-max", "Most workers of each pool", Pool.Max, 1, 1024, "workers").IdleWith(RunCommand.NoTweets);
    private static readonly Setting<bool> RoundRobin = Settings.Flag("--round-robin", "Give work to workers in turn, not to the one with the least").IdleWith(RunCommand.NoTweets);
    public static readonly Setting<bool> IgnorePanic = Settings.Flag("--ignore-panic", "Kill messages crash no worker").IdleWith(RunCommand.NoTweets);
    private static readonly Setting<int> Speculative = Settings.Whole("--speculative", "Give each tweet to this many workers; the first wins", 1, 1, 16, "workers").IdleWith(RunCommand.NoTweets);
    private static readonly Setting<string> Work = Settings.Word("--work", "Pretend that each tweet takes time, by this distribution", "none", "none", "normal", "uniform", "poisson").IdleWith(RunCommand.NoTweets);
    private static readonly Setting<Duration> WorkMin = Settings.Time("--work-min", "Shortest pretended work of normal and uniform", Simulated.Min, longest: SimulatedWorkOptions.LongestWork).IdleWith(RunCommand.NoTweets).IdleWith(Work, "none", "poisson");
    private static readonly Setting<Duration> WorkMax = Settings.Time("--work-max", "Longest pretended work of normal and uniform", Simulated.Max, longest: SimulatedWorkOptions.LongestWork).IdleWith(RunCommand.NoTweets).IdleWith(Work, "none", "poisson");
    private static readonly Setting<Duration> WorkMean = Settings.Time("--work-mean", "Mean pretended work of poisson", Simulated.Mean, longest: SimulatedWorkOptions.LongestMean).IdleWith(RunCommand.NoTweets).IdleWith(Work, "none", "normal", "uniform");

    public static void AddTo(System.CommandLine.Command command)
    {
        Option[] options = [Min, Max, RoundRobin, IgnorePanic, Speculative, Work, WorkMin, WorkMax, WorkMean];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    public static ElasticPoolOptions Read(ParseResult parsed)
    {
        var (min, max) = (parsed.GetValue(Min), parsed.GetValue(Max));
        if (min > max)
        {
            throw new UsageException($"--workers-min is {min}; it must be at most --workers-max, which is {max}");
        }

        var work = new SimulatedWorkOptions
        {
            Distribution = Enum.Parse<WorkDistribution>(parsed.GetValue(Work)!, ignoreCase: true),
            Min = parsed.GetValue(WorkMin),
            Max = parsed.GetValue(WorkMax),
            Mean = parsed.GetValue(WorkMean),
        };
        if (work.Min > work.Max)
        {
            throw new UsageException($"--work-min is {work.Min.TotalMilliseconds} ms; it must be at most --work-max, which is {work.Max.TotalMilliseconds} ms");
        }

        return new ElasticPoolOptions
        {
            Size = new PoolScalerOptions { Min = min, Max = max },
            Routing = parsed.GetValue(RoundRobin) ? RoutingRule.RoundRobin : RoutingRule.LeastConnected,
            IgnoreKills = parsed.GetValue(IgnorePanic),
            Speculation = parsed.GetValue(Speculative),
            SimulatedWork = work,
        };
    }
}
