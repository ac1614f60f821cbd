using System.Globalization;
using System.Text.Json;

namespace Rookery.Command;

/// <summary>Times of many single events, in milliseconds.</summary>
internal sealed record BenchTimes(double P50Ms, double P99Ms, double MaxMs)
{
    /// <summary>By nearest rank; null of none.</summary>
    public static BenchTimes? Of(IReadOnlyCollection<double> milliseconds)
    {
        if (milliseconds.Count == 0)
        {
            return null;
        }

        var sorted = milliseconds.Order().ToList();
        double At(double part) => sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Count) - 1)];
        return new BenchTimes(At(0.5), At(0.99), sorted[^1]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"p50 {P50Ms:0.00} ms   p99 {P99Ms:0.00} ms   max {MaxMs:0.00} ms");
}

/// <summary>What a measurement found.</summary>
internal sealed record BenchResult
{
    public required string Server { get; init; }

    public required string Address { get; init; }

    public required string Durability { get; init; }

    public required BenchLoad Load { get; init; }

    /// <summary>Until the last confirm.</summary>
    public required TimeSpan Published { get; init; }

    /// <summary>Until the last delivery; null without subscribers.</summary>
    public required TimeSpan? Delivered { get; init; }

    public required BenchTimes? Confirm { get; init; }

    public required BenchTimes? Delivery { get; init; }

    public IEnumerable<string> Lines()
    {
        yield return $"broker      {Server} at {Address}, durability {Durability}";
        yield return $"load        {Counted.Of(Load.Events, "event")} of {Counted.Of(Load.Size, "byte")} to {Counted.Of(Load.Subscribers, "subscriber")}, {Counted.Of(Environment.ProcessorCount, "processor")} here";
        yield return $"confirmed   {Rate(Load.Events, Published)}";
        if (Delivered is { } delivered)
        {
            yield return $"delivered   {Rate((long)Load.Events * Load.Subscribers, delivered)}";
        }

        if (Confirm is { } confirm)
        {
            yield return $"one at a time, {Counted.Of(Load.Single, "event")}";
            yield return $"confirm     {confirm}";
        }

        if (Delivery is { } delivery)
        {
            yield return $"delivery    {delivery}";
        }
    }

    public string ToJson() => JsonSerializer.Serialize(
        new BenchJson(
            Server,
            Address,
            Durability,
            Load.Events,
            Load.Size,
            Load.Subscribers,
            Math.Round(Load.Events / Published.TotalSeconds, 1),
            Delivered is { } d ? Math.Round((double)Load.Events * Load.Subscribers / d.TotalSeconds, 1) : null,
            Load.Single,
            Confirm,
            Delivery),
        CommandJson.Relaxed.BenchJson);

    private static string Rate(long count, TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{count / time.TotalSeconds:N0}/s   ({time.TotalSeconds:0.00} s)");
}

/// <summary>The same as JSON.</summary>
internal sealed record BenchJson(
    string Server, string Address, string Durability, int Events, int Size, int Subscribers, double ConfirmedPerS, double? DeliveredPerS, int Single, BenchTimes? Confirm, BenchTimes? Delivery);
