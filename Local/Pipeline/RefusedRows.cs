using System.Globalization;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>The rows of a batch that the store refused for good, for one line that tells of all of them.</summary>
internal sealed class RefusedRows
{
    /// <summary>Tweets refused.</summary>
    public int Tweets { get; private set; }

    /// <summary>Users refused.</summary>
    public int Users { get; private set; }

    /// <summary>The first, such as <c>tweet 17</c>; empty where there is none.</summary>
    public string First { get; private set; } = "";

    /// <summary>Why the first was refused; null where none was.</summary>
    public string? Reason { get; private set; }

    /// <summary>Takes note of a row that was refused.</summary>
    /// <param name="row">A batch of that row alone.</param>
    /// <param name="reason">What the store said.</param>
    public void Add(StoreBatch row, StoreRejectedException reason)
    {
        Tweets += row.TweetCount;
        Users += row.UserCount;
        if (Reason is null)
        {
            Reason = reason.Message;
            First = row.TweetCount > 0
                ? string.Create(CultureInfo.InvariantCulture, $"tweet {row.Tweet(0).Id}")
                : string.Create(CultureInfo.InvariantCulture, $"user {(row.UserCount > 0 ? row.User(0).Id : 0)}");
        }
    }
}
