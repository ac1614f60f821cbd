using System.Diagnostics;
using Rookery.Local;

namespace Rookery.Bench;

/// <summary>Counters at one moment, or between two.</summary>
internal readonly record struct Reading(
    double Seconds, long Tweets, long Records, long Bytes, long Stored, double OwnMicroseconds, double FeedMicroseconds)
{
    public static Reading Take(TweetPipeline pipeline, FeedProcess feed)
    {
        var status = pipeline.Status;
        return new Reading(
            Stopwatch.GetElapsedTime(0).TotalSeconds,
            status.In,
            status.Scored,
            status.Bytes,
            status.Store?.Stored ?? 0,
            Environment.CpuUsage.TotalTime.TotalMicroseconds,
            feed.ProcessorTime.TotalMicroseconds);
    }

    public Reading Since(Reading from) => new(
        Seconds - from.Seconds,
        Tweets - from.Tweets,
        Records - from.Records,
        Bytes - from.Bytes,
        Stored - from.Stored,
        OwnMicroseconds - from.OwnMicroseconds,
        FeedMicroseconds - from.FeedMicroseconds);
}
