namespace Rookery.Feed;

/// <summary>
/// The pacing of the original server: bursts of 100 messages, in each burst the same pause d = round(11·e^(−11·u)·5) ms after every message,
/// u uniform in [0, 1). So d is 0 to 55 ms, 0 for more than half of the bursts, and 5 ms in the mean.
/// </summary>
internal sealed class BurstPacer(Randomness random) : IPacer
{
    public const int BurstLength = 100;

    private Randomness _random = random;
    private int _left;
    private TimeSpan _pause;
    private bool _first = true;

    public TimeSpan NextPause()
    {
        // The pause follows the message, so the last one of a burst comes before the first message of the next.
        var pause = _pause;
        if (_left == 0)
        {
            _left = BurstLength;
            _pause = TimeSpan.FromMilliseconds(Math.Round(11 * Math.Exp(-11 * _random.NextDouble()) * 5));
        }

        _left--;
        if (_first)
        {
            _first = false;
            return TimeSpan.Zero;
        }

        return pause;
    }
}
