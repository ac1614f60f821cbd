using System.Text;

namespace Rookery.Wire.Tests;

public sealed class LineTests
{
    [Theory]
    [InlineData("", "[\"\"]")]
    [InlineData("  \t ", "[\"\"]")]
    [InlineData("foo", "[\"foo\"]")]
    [InlineData(" foo bar  baz qux ", "[\"foo\", \"bar\", \" baz qux\"]")]
    [InlineData("sub   tweets", "[\"sub\", \"\", \" tweets\"]")]
    [InlineData("say \"hi\" \\o/ a\tb\u0001", "[\"say\", \"\\\"hi\\\"\", \"\\\\o/ a\\tb\\x01\"]")]
    public void A_line_is_trimmed_and_split_on_single_spaces(string line, string shown) =>
        Assert.Equal(shown, Echo.Parts(LineParts.Of(Encoding.UTF8.GetBytes(line))));

    [Fact]
    public void At_most_200_bytes_are_shown_and_no_character_is_cut()
    {
        Assert.Equal($"[\"{new string('x', 200)}\"]", Echo.Parts(LineParts.Of(Encoding.UTF8.GetBytes(new string('x', 500)))));
        Assert.Equal($"[\"{new string('é', 99)}x\", \"\", \"\"]".Length - 8, Echo.Parts(LineParts.Of(Encoding.UTF8.GetBytes("x" + new string('é', 500)))).Length);
        var parts = Echo.Parts(LineParts.Of(Encoding.UTF8.GetBytes($"ab {new string('y', 197)} {new string('z', 100)}")));
        Assert.Equal($"[\"ab\", \"{new string('y', 197)}\", \"z\"]", parts);
    }

    [Theory]
    [InlineData("#1", "1-1")]
    [InlineData("#3-7", "3-7")]
    [InlineData("#1,#2-4,#9223372036854775807", "1-1 2-4 9223372036854775807-9223372036854775807")]
    [InlineData("#0", null)]
    [InlineData("#", null)]
    [InlineData("#-", null)]
    [InlineData("#1-", null)]
    [InlineData("#5-4", null)]
    [InlineData("#1,", null)]
    [InlineData("#1,,#2", null)]
    [InlineData("#1,2", null)]
    [InlineData("#+1", null)]
    [InlineData("#1 ,#2", null)]
    [InlineData("#9223372036854775808", null)]
    public void Lists_of_numbers_are_read_strictly(string text, string? ranges)
    {
        var read = new List<Broker.SequenceRange>();
        var good = SequenceText.TryReadRanges(Encoding.UTF8.GetBytes(text), read);
        Assert.Equal(ranges, good ? string.Join(' ', read.Select(r => $"{r.First}-{r.Last}")) : null);
    }

    [Fact]
    public void Every_error_and_every_limit_is_on_the_page_of_the_protocol()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Rookery.slnx")))
        {
            folder = folder.Parent!;
        }

        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "PROTOCOL.md"));
        var errors = typeof(Errors).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).ToList();
        Assert.True(errors.Count > 30);
        Assert.All(errors, error => Assert.Contains($"`{error}`", page, StringComparison.Ordinal));
        Assert.All(
            Encoding.UTF8.GetString(Help.Lines).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')[0]),
            command => Assert.Contains($"`{command}", page, StringComparison.Ordinal));
        Assert.All(
            typeof(WireOptions).GetProperties().Where(p => p.Name is not ("Version" or "Host" or "Port")),
            option => Assert.Contains($"`{option.Name}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void A_template_is_filled_in_order() =>
        Assert.Equal("error: bad topic \"<x>\": a topic is r", Errors.Fill(Errors.BadTopic, "<x>", "r"));
}
