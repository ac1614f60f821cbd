using System.Globalization;

namespace Rookery.Tweets;

/// <summary>Checks of options, in the same words in every room that knows tweets.</summary>
public static class Bound
{
    /// <summary>Throws where an option is out of its bounds, naming it, its value and the bound.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="holds"/> is false.</exception>
    public static void Check(bool holds, string option, object value, string bound)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(
                option, value, string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; it must be {bound}."));
        }
    }
}
