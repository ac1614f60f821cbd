using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rookery.Feed;

/// <summary>The answer of <c>/</c>: what there is to read here and what to do with it, for whoever finds the port.</summary>
internal static class HomePage
{
    // The page is read by people with curl; its apostrophes need no escape.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Lab =
        "The exercise: (1) Read the tweets and give each a sentiment score as soon as it arrives. "
        + "(2) Let workers do the scoring, under a supervisor. "
        + "(3) Fit the number of workers to the speed of the stream while it runs. "
        + "(4) A panic message kills the worker that receives it; the supervisor starts a new one. "
        + "(5) To look like real work, a worker sleeps a random time of 50 to 500 ms, normally distributed, for each tweet.";

    private const string General =
        "The streams are server-sent events with JSON as data, under {0}. "
        + "A tweet's text is in its field 'text'. The scores of words are at /emotion_values, a word and its score on each line, parted by a tab; "
        + "some entries are phrases. A tweet's score is Sum(word_em_score) / Nr. of words in a tweet.";

    public static byte[] Render(int streams)
    {
        var tweets = Enumerable.Range(1, streams).Select(number => FormattableString.Invariant($"/tweets/{number}")).ToArray();
        var page = new Dictionary<string, object>
        {
            ["routes"] = (string[])[.. tweets, "/emotion_values", "/"],
            ["lab_description"] = Lab,
            ["general_description"] = General.Replace("{0}", streams <= 3 ? string.Join(", ", tweets) : $"{tweets[0]} to {tweets[^1]}", StringComparison.Ordinal),
        };
        return JsonSerializer.SerializeToUtf8Bytes(page, Readable);
    }
}
