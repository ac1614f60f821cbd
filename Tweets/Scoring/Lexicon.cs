namespace Rookery.Tweets;

/// <summary>Words and phrases with their scores.</summary>
public sealed class Lexicon
{
    /// <summary>Number of entries.</summary>
    public int Count { get; }

    /// <summary>Number of lines that were no entry: no tab, no whole number, nothing before the tab, a score out of −5..5.</summary>
    public int BadLines { get; }

    /// <summary>The lexicon of this project.</summary>
    public static Lexicon Embedded => throw new NotImplementedException();

    /// <summary>Reads <c>word TAB score</c> lines, ended by LF or CRLF, UTF-8.</summary>
    public static Lexicon Parse(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();
}
