using System.Diagnostics;

namespace Rookery.Bench;

/// <summary>What publishing alone reached, with nobody who takes.</summary>
/// <param name="Rate">Publishes per second, the median.</param>
/// <param name="Lowest">The slowest sample.</param>
/// <param name="Highest">The fastest sample.</param>
/// <param name="Processor">Processor time of the server, in µs per publish, the median.</param>
/// <param name="User">The part of it that was spent in the server's own code, not in the kernel; the median.</param>
internal readonly record struct Publishing(double Rate, double Lowest, double Highest, double Processor, double User)
{
    // Several times what a sample writes.
    private const int BallastBytes = 256 << 20;
    private static readonly byte[] Ballast = new byte[1 << 20];

    /// <summary>Measures a server that runs.</summary>
    /// <param name="server">The server.</param>
    /// <param name="running">Its process.</param>
    /// <param name="samples">How often.</param>
    /// <param name="events">Events of a sample.</param>
    /// <param name="prepare">Makes ready what the sample of this number needs, and names its topic.</param>
    public static Publishing Measure(Contender server, Running running, int samples, long events, Func<int, string> prepare)
    {
        var (rates, processor, user) = (new List<double>(), new List<double>(), new List<double>());
        for (var sample = 0; sample < samples; sample++)
        {
            var topic = prepare(sample);
            using var publisher = server.Publisher(topic);
            publisher.Ready();
            MakeReady(running.Folder);
            var (total, own, begin) = (running.ProcessorTime, running.UserTime, Stopwatch.GetTimestamp());
            Load.Publish(publisher, events);
            rates.Add(events / Stopwatch.GetElapsedTime(begin).TotalSeconds);
            processor.Add((running.ProcessorTime - total).TotalMicroseconds / events);
            user.Add((running.UserTime - own).TotalMicroseconds / events);
        }

        return new Publishing(BrokerResult.Median(rates), rates.Min(), rates.Max(), BrokerResult.Median(processor), BrokerResult.Median(user));
    }

    /// <summary>
    /// Waits until nothing that was written before still stands in line at the device, and leaves memory behind that the kernel can give to the
    /// file that comes next. A virtual machine may have to get it from its host first, which takes twelve times the processor time of
    /// copying into it, and would be counted as the server's.
    /// </summary>
    private static void MakeReady(string folder)
    {
        var path = Path.Combine(folder, "ballast");
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (var i = 0; i < BallastBytes / Ballast.Length; i++)
            {
                file.Write(Ballast);
            }
        }

        using (var sync = Process.Start("sync"))
        {
            sync.WaitForExit();
        }

        File.Delete(path);
    }
}
