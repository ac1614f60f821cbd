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
        var said = Words(wrong);
        if (said.Count == 0)
        {
            return "";
        }

        if (Hint(wrong.Split('=')[0], options) is { Length: > 0 } hint)
        {
            return hint;
        }

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

    // Damerau's distance, but for letters that change places more than once: letters to add, to leave out, to change, or to swap with the next.
    private static int Steps(string from, string to)
    {
        var steps = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    steps[i, j] = i + j;
                    continue;
                }

                var same = from[i - 1] == to[j - 1];
                var best = Math.Min(Math.Min(steps[i - 1, j], steps[i, j - 1]) + 1, steps[i - 1, j - 1] + (same ? 0 : 1));
                var swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                steps[i, j] = swapped ? Math.Min(best, steps[i - 2, j - 2] + 1) : best;
            }
        }

        return steps[from.Length, to.Length];
    }
}
