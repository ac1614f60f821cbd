using System.Text;

namespace Rookery.Tweets.Tests;

public class CensorTests
{
    private static readonly CensorScorer Censor = new("# mild\r\ndamn\nSCHEIßE\n\nхуй\n good \ntwo words\n!\n"u8);

    [Theory]
    [InlineData("Damn, that's a  damned\tDAMN!", "****, that's a  damned\t****!")]
    [InlineData("scheiße Scheiße!", "******* *******!")]
    [InlineData("Хуй (хуй)", "*** (***)")]
    [InlineData("#damn @damn https://damn.example/damn", "#**** @damn https://damn.example/damn")]
    [InlineData("damn-good", "****-****")]
    [InlineData("damn", "****")]
    public void Listed_words_become_stars_and_all_else_stays(string text, string censored)
    {
        Assert.Equal(censored, Encoding.UTF8.GetString(Censor.Censor(Streams.Utf8(text))!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("goddamn damning dam n")]
    [InlineData("damn's two words")]
    public void A_text_without_listed_words_is_left_alone(string text)
    {
        Assert.Null(Censor.Censor(Streams.Utf8(text)));
    }

    [Fact]
    public void Lines_that_are_not_one_word_are_counted()
    {
        Assert.Equal((4, 2), (Censor.Count, Censor.BadLines));
    }

    [Fact]
    public void The_list_of_the_project_is_all_words()
    {
        Assert.True(CensorScorer.Default.Count > 20);
        Assert.Equal(0, CensorScorer.Default.BadLines);
    }

    [Fact]
    public void Nothing_but_listed_words_changes_and_no_listed_word_is_left()
    {
        var list = new HashSet<string> { "damn", "scheiße", "хуй", "good" };
        Property.Holds(random =>
        {
            var text = SentimentTests.RandomText(random);
            var censored = Encoding.UTF8.GetString(Censor.Censor(Streams.Utf8(text)) ?? Streams.Utf8(text));

            Assert.Equal(text.EnumerateRunes().Count(), censored.EnumerateRunes().Count());
            foreach (var (before, after) in text.EnumerateRunes().Zip(censored.EnumerateRunes()))
            {
                Assert.True(before == after || after.Value == '*');
            }

            // Letters in place of the stars leave the words where they were.
            var words = SentimentTests.Words(text).Select(word => list.Contains(word) ? new string('z', word.Length) : word);
            Assert.Equal(words, SentimentTests.Words(censored.Replace('*', 'z')));
        }, 1000);
    }

    [Fact]
    public void The_text_to_show_is_the_censored_one_once_it_is_reported()
    {
        var block = Streams.Block(new TweetBlockPool(), new SequenceSource(), Streams.Tweet(1, "damn it"), Streams.Tweet(2, "fine"));
        Censor.Score(BlockPart.Of(block));

        Assert.Equal("damn it", Encoding.UTF8.GetString(block.ShownText(block[0])));
        block[0].Scored |= Stages.Censor;
        block[1].Scored |= Stages.Censor;
        Assert.Equal("**** it", Encoding.UTF8.GetString(block.ShownText(block[0])));
        Assert.Equal("fine", Encoding.UTF8.GetString(block.ShownText(block[1])));
    }
}
