namespace Rookery.Wire;

/// <summary>
/// A warning that strangers can cause as often as they like: the first is told at once, then one in each interval, with the number
/// of those passed over in between. Any thread.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class SparseWarning(TimeProvider time)
{
    /// <summary>Time between two that are told.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _told;
    private long _passedOver;

    /// <summary>It has come to it again.</summary>
    /// <param name="more">What to add to the warning: how many were not told since the last one; empty where that is none.</param>
    /// <returns>True where it is to be told.</returns>
    public bool IsDue(out string more)
    {
        lock (_gate)
        {
            more = "";
            if (_told is { } told && time.GetElapsedTime(told) < Interval)
            {
                _passedOver++;
                return false;
            }

            if (_passedOver > 0)
            {
                more = string.Create(System.Globalization.CultureInfo.InvariantCulture, $" (and {_passedOver} times more since this was last told)");
            }

            (_told, _passedOver) = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
