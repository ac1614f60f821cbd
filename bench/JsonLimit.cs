using System.Diagnostics;
using System.Text.Json;
using Rookery.Tweets;

namespace Rookery.Bench;

/// <summary>
/// The limit: one pass of the framework's JSON reader over the same tweets by one core, which finds every token and looks at
/// none. The bytes lie in memory, more of them than any cache holds.
/// </summary>
internal sealed record JsonLimit(double TweetsPerSecond, double MegabytesPerSecond)
{
    private const int Passes = 7;

    public static JsonLimit Measure(IReadOnlyList<TweetBlock> blocks)
    {
        var best = new List<JsonLimit>();
        for (var pass = 0; pass < Passes; pass++)
        {
            var (tweets, bytes, tokens) = (0L, 0L, 0L);
            var begin = Stopwatch.GetTimestamp();
            foreach (var block in blocks)
            {
                foreach (ref readonly var record in block.Records)
                {
                    if (record.Kind != RecordKind.Tweet)
                    {
                        continue;
                    }

                    var json = block.Utf8(record.Json);
                    var reader = new Utf8JsonReader(json);
                    while (reader.Read())
                    {
                        tokens++;
                    }

                    tweets++;
                    bytes += json.Length;
                }
            }

            var elapsed = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            if (tokens > 0)
            {
                best.Add(new JsonLimit(tweets / elapsed, bytes / elapsed / 1e6));
            }
        }

        // The first passes run code that is not fully compiled yet; the median of the rest does not.
        return best.OrderBy(pass => pass.TweetsPerSecond).ElementAt(best.Count / 2);
    }
}
