using System.Globalization;
using System.Text;

namespace Rookery.Tweets.Tests;

public class SentimentTests
{
    private static readonly (string Entry, int Score)[] Entries =
    [
        ("good", 3), ("bad", -3), ("not good", -2), ("not good at all", -4), ("does not work", -3), ("can't", -1), ("self-assured", 2),
        ("naïve", -2), ("n00b", -2), ("cool stuff", 3), ("at", 1), ("мир", 2), ("not", -1), ("self", 1),
    ];

    private static readonly SentimentScorer Scorer = new(Lexicon.Parse(Streams.Utf8(string.Concat(Entries.Select(e => $"{e.Entry}\t{e.Score}\r\n")))));

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData(" .!? \u3000\u2028", 0, 0)]
    [InlineData("good", 3, 1)]
    [InlineData("GOOD, good; (Good)! \"good\"", 12, 4)]
    [InlineData("goodness", 0, 1)]
    [InlineData("a good,bad day", 0, 4)]
    [InlineData("not good", -2, 2)]
    [InlineData("It is NOT: good", -2, 4)]
    [InlineData("not good at all", -4, 4)]
    [InlineData("not good at home", -1, 4)]
    [InlineData("not bad", -4, 2)]
    [InlineData("it does not work does not", -4, 6)]
    [InlineData("I can't can’t CAN'T 'can't'", -4, 5)]
    [InlineData("self-assured self assured self", 5, 5)]
    [InlineData("NAÏVE naïve n00b", -6, 3)]
    [InlineData("Мир МИР", 4, 2)]
    [InlineData("#good #Bad_good #", 3, 3)]
    [InlineData("good https://good.example/good?a=good good", 6, 2)]
    [InlineData("(HTTP://GOOD.example) http good", 3, 2)]
    [InlineData("@good @bad: good@bad.com", 0, 3)]
    [InlineData("good &amp; bad &lt;good&gt;", 3, 3)]
    [InlineData("good😀 😀😀bad 👍🏽 ❤️", 0, 6)]
    [InlineData("良い日 good", 3, 2)]
    [InlineData("good\u0301 good", 3, 2)]
    public void A_text_has_the_sum_of_its_words_over_their_number(string text, int sum, int words)
    {
        Assert.Equal(new SentimentScore(sum, words), Scorer.Score(Streams.Utf8(text)));
    }

    [Fact]
    public void The_mean_of_no_words_is_zero()
    {
        Assert.Equal(0, Scorer.Score([]).Mean);
        Assert.Equal(1.5, new SentimentScore(3, 2).Mean);
    }

    [Fact]
    public void A_text_of_a_megabyte_is_scored_word_by_word()
    {
        var text = string.Concat(Enumerable.Repeat("good x ", 150_000));

        Assert.Equal(new SentimentScore(450_000, 300_000), Scorer.Score(Streams.Utf8(text)));
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_part_words()
    {
        Assert.Equal(new SentimentScore(6, 2), Scorer.Score([.. "good"u8, 0xFF, .. "good"u8]));
    }

    [Theory]
    [InlineData("good\t3\nbad\t-3\n", 2, 0)]
    [InlineData("\uFEFFgood\t3\r\nbad\t-3", 2, 0)]
    [InlineData("good\t3\n\n\r\ngood\t2\n", 1, 0)]
    [InlineData("good 3\ngood\tthree\n\t3\ngood\t6\ngood\t-6\ngood\t1.5\n!\t1\n", 0, 7)]
    [InlineData("", 0, 0)]
    public void Lines_that_are_no_entries_are_counted(string lines, int entries, int bad)
    {
        var lexicon = Lexicon.Parse(Streams.Utf8(lines));

        Assert.Equal((entries, bad), (lexicon.Count, lexicon.BadLines));
    }

    [Fact]
    public void The_lexicon_of_the_project_has_no_bad_lines()
    {
        Assert.Equal(0, Lexicon.Embedded.BadLines);
    }

    [Fact]
    public void Records_are_scored_in_their_block_and_kill_messages_passed_over()
    {
        var block = Streams.Block(new TweetBlockPool(), new SequenceSource(), Streams.Tweet(1, "good"), """{"message": panic}""", Streams.Tweet(2, "so bad"));

        Scorer.Score(BlockPart.Of(block));

        Assert.Equal([3, 0, -1.5], block.Records.ToArray().Select(record => record.Sentiment));
        Assert.Equal([1, 0, 2], block.Records.ToArray().Select(record => record.Words));
    }

    [Fact]
    public void The_scorer_agrees_with_one_made_of_strings()
    {
        Property.Holds(random =>
        {
            var text = RandomText(random);

            Assert.Equal(Naive(text), Scorer.Score(Streams.Utf8(text)));
        }, 1000);
    }

    internal static string RandomText(Random random)
    {
        var text = new StringBuilder();
        var length = random.Next(30);
        for (var i = 0; i < length; i++)
        {
            text.Append(random.Pick(
                "good", "Bad", "NOT", "not good", "at all", "does", "work", "can't", "can’t", "self", "naïve", "NAÏVE", "Мир", "日本", "😀", "👍🏽", "❤️", "x1",
                "@good", "#good", "https://a.b/good", "http:/good", "&amp;", "&", "'", "’", "İ", "e\u0301", new string('w', 70)));
            text.Append(random.Pick(" ", " ", " ", "", ",", ". ", "-", "_", "\n", "…", "\u00A0", "'"));
        }

        return text.ToString();
    }

    internal static List<string> Words(string text)
    {
        var words = new List<string>();
        var runes = text.EnumerateRunes().ToList();
        for (var at = 0; at < runes.Count;)
        {
            var rest = string.Concat(runes.Skip(at).Take(8)).ToLowerInvariant();
            if (rest.StartsWith("http://", StringComparison.Ordinal) || rest.StartsWith("https://", StringComparison.Ordinal))
            {
                while (at < runes.Count && runes[at].Value is > ' ' and < 0x7F and not ('"' or '<' or '>'))
                {
                    at++;
                }
            }
            else if (runes[at].Value == '@' && (at == 0 || !IsName(runes[at - 1])))
            {
                do
                {
                    at++;
                }
                while (at < runes.Count && IsName(runes[at]));
            }
            else if (rest.StartsWith("&amp;", StringComparison.Ordinal))
            {
                at += 5;
            }
            else if (IsWord(runes[at]))
            {
                var start = at++;
                while (at < runes.Count && (IsWord(runes[at]) || IsJoiner(runes[at]) || (runes[at].Value is '\'' or 0x2019 && at + 1 < runes.Count && IsWord(runes[at + 1]))))
                {
                    at++;
                }

                words.Add(string.Concat(runes[start..at]).ToLowerInvariant().Replace('’', '\''));
            }
            else if (IsPicture(runes[at]))
            {
                var start = at;
                while (at < runes.Count && (IsPicture(runes[at]) || IsJoiner(runes[at])))
                {
                    at++;
                }

                words.Add(string.Concat(runes[start..at]));
            }
            else
            {
                at++;
            }
        }

        return words;
    }

    private static SentimentScore Naive(string text)
    {
        var words = Words(text);
        var sum = 0;
        for (var i = 0; i < words.Count;)
        {
            var (length, score) = (1, 0);
            foreach (var (entry, value) in Entries)
            {
                var phrase = entry.Split(' ', '-');
                if (phrase.Length >= length && words.Skip(i).Take(phrase.Length).SequenceEqual(phrase))
                {
                    (length, score) = (phrase.Length, value);
                }
            }

            sum += score;
            i += length;
        }

        return new SentimentScore(sum, words.Count);
    }

    private static bool IsName(Rune rune) => rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value == '_');

    private static bool IsJoiner(Rune rune) => rune.Value is 0x200D or (>= 0xFE00 and <= 0xFE0F) or (>= 0x1F3FB and <= 0x1F3FF);

    private static bool IsPicture(Rune rune) => !IsJoiner(rune) && Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherSymbol;

    private static bool IsWord(Rune rune) => !IsJoiner(rune) && (Rune.IsLetter(rune) || Rune.IsNumber(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark);
}
