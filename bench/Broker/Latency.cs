using System.Diagnostics;

namespace Rookery.Bench;

/// <summary>
/// Microseconds from a publish to its delivery, at a steady rate in which ten events come each millisecond, all of them
/// confirmed and acknowledged. An event carries the time when it was due, or, where the sleeping publisher woke late, the
/// time when it was sent.
/// </summary>
internal sealed record Latency(double P50, double P99, double P999)
{
    private const int PerBurst = 10;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(500);

    /// <summary>Events per second.</summary>
    public const int Rate = 10_000;

    public static Latency Measure(Contender server, string topic, TimeSpan duration)
    {
        server.Prepare(topic, 1);
        try
        {
            using var subscriber = server.Subscriber(topic, 0);
            using var publisher = server.Publisher(topic);
            var begin = Stopwatch.GetTimestamp();
            var bursts = (int)((WarmUp + duration).TotalMilliseconds * Rate / PerBurst / 1000);
            var times = new List<long>(bursts * PerBurst);
            Action<long> take = time => times.Add(Stopwatch.GetTimestamp() - begin - time);
            subscriber.Watch = bytes => Publisher.Times(bytes, take);
            var taking = Task.Factory.StartNew(
                () => Load.Take(subscriber, bursts * PerBurst), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Publish(publisher, begin, bursts);
            if (!taking.Wait(TimeSpan.FromSeconds(30)))
            {
                throw new TimeoutException($"of {bursts * PerBurst:N0} events {times.Count:N0} arrived");
            }

            var measured = times.Skip((int)(WarmUp.TotalSeconds * Rate)).Order().ToArray();
            return new Latency(At(measured, 0.5), At(measured, 0.99), At(measured, 0.999));
        }
        finally
        {
            server.CleanUp(topic, 1);
        }
    }

    private static void Publish(Publisher publisher, long begin, int bursts)
    {
        var perBurst = Stopwatch.Frequency * PerBurst / Rate;
        var unconfirmed = 0;
        for (var burst = 0; burst < bursts; burst++)
        {
            var due = (burst + 1) * perBurst;
            while (Stopwatch.GetTimestamp() - begin < due)
            {
                unconfirmed -= publisher.Poll();
                Thread.Sleep(TimeSpan.FromMicroseconds(500));
            }

            var stamp = Stopwatch.GetTimestamp() - begin;
            while (unconfirmed > Publisher.Window - PerBurst)
            {
                // Held back by the server: that time counts.
                unconfirmed -= publisher.Receive();
            }

            publisher.SendStamped(PerBurst, stamp);
            unconfirmed += PerBurst;
        }

        while (unconfirmed > 0)
        {
            unconfirmed -= publisher.Receive();
        }
    }

    private static double At(long[] sorted, double share) => sorted[(int)(sorted.Length * share)] * 1e6 / Stopwatch.Frequency;
}
