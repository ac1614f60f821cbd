namespace Rookery.Tweets;

/// <summary>Replaces listed words by as many stars as they have code points, and leaves every other byte as it is.</summary>
public sealed class CensorScorer : IScorer
{
    /// <summary>A censor with a list of words, one per line, UTF-8; empty lines and lines that begin with <c>#</c> are skipped.</summary>
    public CensorScorer(ReadOnlySpan<byte> words) => throw new NotImplementedException();

    /// <summary>A censor with the list of this project.</summary>
    public static CensorScorer Default => throw new NotImplementedException();

    /// <inheritdoc/>
    public Stages Stage => Stages.Censor;

    /// <inheritdoc/>
    public void Score(in BlockPart part) => throw new NotImplementedException();

    /// <summary>Censors one text.</summary>
    /// <param name="text">UTF-8.</param>
    /// <returns>The text with stars; null where nothing had to be replaced.</returns>
    public byte[]? Censor(ReadOnlySpan<byte> text) => throw new NotImplementedException();
}
