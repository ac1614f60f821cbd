namespace Rookery.Feed;

/// <summary>Spreads messages evenly: the n-th is due n / rate after the first. What a stalled reader missed is not made up for.</summary>
internal sealed class FixedPacer(double messagesPerSecond, TimeProvider time) : IPacer
{
    /// <summary>How far behind its plan a stream may be and still catch up.</summary>
    public static readonly TimeSpan MostArrears = TimeSpan.FromSeconds(1);

    private long _start = time.GetTimestamp();
    private long _sent;

    public TimeSpan NextPause()
    {
        var ahead = TimeSpan.FromSeconds(_sent / messagesPerSecond) - time.GetElapsedTime(_start);
        if (-ahead > MostArrears)
        {
            _start = time.GetTimestamp();
            _sent = 0;
            ahead = TimeSpan.Zero;
        }

        _sent++;
        return ahead > TimeSpan.Zero ? ahead : TimeSpan.Zero;
    }
}
