using System.Buffers.Text;

namespace Rookery.Tweets;

/// <summary>
/// Words and phrases with their scores. Entries are split into words as texts are, so case and punctuation do not matter, and an
/// entry with a space or a hyphen in it is a phrase. Does not change once made.
/// </summary>
public sealed class Lexicon
{
    /// <summary>Lowest and highest score are −5 and 5.</summary>
    public const int HighestScore = 5;

    private const int Root = 0;

    private readonly WordTable _words = new();
    private readonly Dictionary<(int Node, int Word), int> _edges = [];
    private readonly List<sbyte?> _scores = [null];

    // Per word: its score alone, and whether phrases begin with it; so that most words need no look at the edges.
    private Entry[] _entries = [];

    private Lexicon()
    {
    }

    /// <summary>Number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Number of lines that were no entry: no tab, no whole number, nothing before the tab, a score out of −5..5.</summary>
    public int BadLines { get; private set; }

    /// <summary>The lexicon of this project.</summary>
    public static Lexicon Embedded { get; } = Parse(Resources.Read("lexicon.tsv"));

    /// <summary>Reads <c>word TAB score</c> lines, ended by LF or CRLF, UTF-8. Of an entry that occurs twice the last one counts; empty lines are skipped.</summary>
    public static Lexicon Parse(ReadOnlySpan<byte> utf8)
    {
        var lexicon = new Lexicon();
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        foreach (var range in utf8.Split((byte)'\n'))
        {
            var line = utf8[range].TrimEnd((byte)'\r');
            if (!line.IsEmpty && !lexicon.TryAdd(line))
            {
                lexicon.BadLines++;
            }
        }

        lexicon.Finish();
        return lexicon;
    }

    /// <summary>The number of a folded word that entries consist of; −1 for any other.</summary>
    internal int WordOf(ReadOnlySpan<byte> folded) => _words.Find(folded);

    /// <summary>The longest entry that begins with the first of some words.</summary>
    /// <param name="words">Numbers of words.</param>
    /// <param name="score">Its score; 0 where there is none.</param>
    /// <returns>How many words it has; 1 where there is none.</returns>
    internal int Longest(ReadOnlySpan<int> words, out int score)
    {
        ref readonly var entry = ref _entries[words[0]];
        score = entry.Score;
        return entry.Begins ? LongestPhrase(words, ref score) : 1;
    }

    private int LongestPhrase(ReadOnlySpan<int> words, ref int score)
    {
        var length = 1;
        var node = _edges[(Root, words[0])];
        for (var i = 1; i < words.Length && words[i] >= 0 && _edges.TryGetValue((node, words[i]), out node); i++)
        {
            if (_scores[node] is { } phrase)
            {
                (length, score) = (i + 1, phrase);
            }
        }

        return length;
    }

    private bool TryAdd(ReadOnlySpan<byte> line)
    {
        var tab = line.LastIndexOf((byte)'\t');
        if (tab <= 0
            || !Utf8Parser.TryParse(line[(tab + 1)..].Trim((byte)' '), out int score, out var used)
            || used != line[(tab + 1)..].Trim((byte)' ').Length
            || Math.Abs((long)score) > HighestScore)
        {
            return false;
        }

        var node = Root;
        Span<byte> scratch = stackalloc byte[WordReader.MaxWordBytes];
        var reader = new WordReader(line[..tab], scratch);
        while (reader.Read())
        {
            if (reader.IsTooLong)
            {
                return false;
            }

            var edge = (node, _words.Add(reader.Folded));
            if (!_edges.TryGetValue(edge, out node))
            {
                node = _scores.Count;
                _scores.Add(null);
                _edges.Add(edge, node);
            }
        }

        if (node == Root)
        {
            return false;
        }

        Count += _scores[node] is null ? 1 : 0;
        _scores[node] = (sbyte)score;
        return true;
    }

    private void Finish()
    {
        _entries = new Entry[_words.Count];
        var parents = new HashSet<int>(_edges.Keys.Select(edge => edge.Node));
        for (var word = 0; word < _entries.Length; word++)
        {
            if (_edges.TryGetValue((Root, word), out var node))
            {
                _entries[word] = new Entry(_scores[node] ?? 0, parents.Contains(node));
            }
        }
    }

    private readonly record struct Entry(sbyte Score, bool Begins);
}
