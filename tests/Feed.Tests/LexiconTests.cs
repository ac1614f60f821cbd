using System.Globalization;
using System.Text;

namespace Rookery.Feed.Tests;

public class LexiconTests
{
    private static readonly string[] Lines = Encoding.UTF8.GetString(EmotionValues.Bytes.Span).Split("\r\n");

    private static readonly Dictionary<string, int> Scores = Lines.Select(line => line.Split('\t'))
        .ToDictionary(pair => pair[0], pair => int.Parse(pair[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));

    [Fact]
    public void Each_line_is_a_word_a_tab_and_a_score_from_minus_5_to_5()
    {
        Assert.All(Lines, line => Assert.Matches(@"^[^\t\r\n]+\t-?[0-5]$", line));
        Assert.All(Scores.Keys, word => Assert.Equal(word.Trim(), word));
        Assert.DoesNotContain(Scores.Keys, word => word.Contains("  ", StringComparison.Ordinal));
    }

    [Fact]
    public void There_are_at_least_2000_entries_sorted_in_lower_case_and_none_twice()
    {
        Assert.True(Lines.Length >= 2_000);
        Assert.Equal(Scores.Keys.Order(StringComparer.Ordinal), Scores.Keys);
        Assert.All(Scores.Keys, word => Assert.Equal(word.ToLowerInvariant(), word));
        Assert.Equal(Lines.Length, Scores.Count);
    }

    [Theory]
    [InlineData("love", 1)]
    [InlineData("hate", -1)]
    [InlineData("not good", -1)]
    [InlineData("does not work", -1)]
    [InlineData("can't stand", -1)]
    [InlineData("cool stuff", 1)]
    [InlineData("te quiero", 1)]
    [InlineData("naïve", -1)]
    public void Words_and_phrases_point_the_right_way(string entry, int sign)
    {
        Assert.Equal(sign, Math.Sign(Scores[entry]));
    }

    [Fact]
    public void The_whole_scale_is_used()
    {
        Assert.Equal(Enumerable.Range(-5, 11), Scores.Values.Distinct().Order());
        Assert.True(Scores.Keys.Count(word => word.Contains(' ', StringComparison.Ordinal)) >= 100);
    }

    [Fact]
    public void English_tweets_say_words_and_phrases_of_the_lexicon()
    {
        var english = Streams.Sequence(seed: 31).Tweets(1_000)
            .Where(tweet => tweet.GetProperty("lang").GetString() == "en")
            .Select(tweet => $" {tweet.GetProperty("text").GetString()!.ToLowerInvariant()} ")
            .ToList();
        var words = Scores.Keys.Where(word => Scores[word] != 0).ToList();

        var scored = english.Count(text => words.Exists(word => text.Contains($" {word} ", StringComparison.Ordinal)));

        Assert.InRange(scored / (double)english.Count, 0.6, 1);
        Assert.Contains(english, text => text.Contains(" can't stand ", StringComparison.Ordinal));
    }
}
