using System.Diagnostics;

namespace Rookery.Bench;

/// <summary>
/// One round: so many events from one publisher to so many subscribers, from the first byte sent to the last event
/// received. All of them have to arrive.
/// </summary>
internal static class Load
{
    /// <summary>Longest time that a round may take.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    // A server on .NET compiles what it runs for eight seconds under load, with a quarter of both cores; then its rate stands.
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(10);

    /// <summary>Runs short rounds until code is compiled and buffers have their size; returns the last one's deliveries per second.</summary>
    public static double WarmUp(Contender server, string topic, int subscribers)
    {
        const long Fewest = 5_000;
        var (events, rate, rounds) = (Fewest, 0.0, 0);
        for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < WarmUpTime;)
        {
            rate = Run(server, $"{topic}{rounds++}", subscribers, events);
            events = Math.Max(Fewest, (long)(rate / subscribers / 2));
        }

        return rate;
    }

    /// <summary>Runs a round on a topic of its own; returns deliveries per second.</summary>
    public static double Run(Contender server, string topic, int subscribers, long events)
    {
        server.Prepare(topic, subscribers);
        var readers = new List<Subscriber>();
        try
        {
            for (var i = 0; i < subscribers; i++)
            {
                readers.Add(server.Subscriber(topic, i));
            }

            using var publisher = server.Publisher(topic);
            publisher.Ready();
            var elapsed = Run(publisher, readers, events);
            return events * subscribers / elapsed.TotalSeconds;
        }
        finally
        {
            readers.ForEach(reader => reader.Dispose());
            server.CleanUp(topic, subscribers);
        }
    }

    /// <summary>Runs a round with clients that are there; returns how long it took.</summary>
    public static TimeSpan Run(Publisher publisher, IReadOnlyList<Subscriber> readers, long events)
    {
        var begin = Stopwatch.GetTimestamp();
        var work = readers.Select(reader => Start(() => Take(reader, events))).Append(Start(() => Publish(publisher, events))).ToArray();
        if (!Task.WaitAll(work, Deadline))
        {
            throw new TimeoutException($"{events:N0} events took more than {Deadline.TotalSeconds} s");
        }

        return Stopwatch.GetElapsedTime(begin);
    }

    /// <summary>Sends as fast as confirmations allow, a quarter of the window at a time.</summary>
    public static void Publish(Publisher publisher, long events)
    {
        var (sent, confirmed) = (0L, 0L);
        while (confirmed < events)
        {
            var room = (int)Math.Min(events - sent, Publisher.Window - (sent - confirmed));
            if (room >= Math.Min(Publisher.Window / 4, events - sent))
            {
                publisher.Send(room);
                sent += room;
            }

            confirmed = publisher.Confirms ? confirmed + publisher.Receive() : sent;
        }
    }

    /// <summary>Takes events until there were so many.</summary>
    public static void Take(Subscriber subscriber, long events)
    {
        for (var left = events; left > 0;)
        {
            left -= subscriber.Receive();
        }

        subscriber.Finish();
    }

    private static Task Start(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
