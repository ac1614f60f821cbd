namespace Rookery.Command;

/// <summary>What somebody may have meant who wrote something else.</summary>
internal static class Nearest
{
    /// <summary>The word that differs least, where that is at most a letter of four.</summary>
    public static string? To(string wrong, IEnumerable<string> words)
    {
        var best = words.Select(word => (Word: word, Steps: Steps(wrong, word))).DefaultIfEmpty((Word: "", Steps: int.MaxValue)).MinBy(w => w.Steps);
        return best.Steps <= Math.Max(1, wrong.Length / 4) ? best.Word : null;
    }

    /// <summary>As the end of a message: <c> (did you mean --max-topics?)</c>, or nothing.</summary>
    public static string Hint(string wrong, IEnumerable<string> words) => To(wrong, words) is { } word ? $" (did you mean {word}?)" : "";

    /// <summary>
    /// The same for options, of which people remember a part: where none is nearly the same, those that have all words of the wrong one
    /// or words that begin so, or whose words it has: <c> (did you mean --broker-port or --http-port?)</c> for <c>--port</c>.
    /// </summary>
    public static string HintOfOptions(string wrong, IReadOnlyCollection<string> options)
    {
        if (Hint(wrong, options) is { Length: > 0 } hint)
        {
            return hint;
        }

        var said = Words(wrong);
        var meant = options.Where(option => Words(option) is var words && (said.All(part => Has(words, part)) || words.IsSubsetOf(said))).ToList();
        return meant.Count switch
        {
            0 => "",
            1 => $" (did you mean {meant[0]}?)",
            _ => $" (did you mean {string.Join(", ", meant[..^1])} or {meant[^1]}?)",
        };
    }

    // Less than three letters are the beginning of too much.
    private static bool Has(HashSet<string> words, string part) =>
        words.Contains(part) || (part.Length >= 3 && words.Any(word => word.StartsWith(part, StringComparison.Ordinal)));

    private static HashSet<string> Words(string option) => [.. option.Split('=')[0].Split('-', StringSplitOptions.RemoveEmptyEntries)];

    // Levenshtein's distance: letters to add, to leave out or to change.
    private static int Steps(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var (left, above) = (i, i - 1);
            for (var j = 1; j <= to.Length; j++)
            {
                var best = Math.Min(Math.Min(left, row[j]) + 1, above + (from[i - 1] == to[j - 1] ? 0 : 1));
                (above, row[j - 1], left) = (row[j], left, best);
            }

            row[to.Length] = left;
        }

        return row[to.Length];
    }
}
