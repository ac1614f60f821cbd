using System.Runtime.CompilerServices;

namespace Rookery.Command;

/// <summary>Takes the figures once a second.</summary>
internal static class StatusSource
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public static async IAsyncEnumerable<Status> WatchAsync(
        Func<ValueTask<StatusFigures>> take, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var last = start;
        var before = await take();
        using var timer = new PeriodicTimer(Every, time);
        while (await NextAsync(timer, cancellationToken))
        {
            var now = await take();
            var at = time.GetTimestamp();
            yield return new Status(now, before, time.GetElapsedTime(last, at), time.GetElapsedTime(start, at));
            (before, last) = (now, at);
        }
    }

    private static async ValueTask<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
