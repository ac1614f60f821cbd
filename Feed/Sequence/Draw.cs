namespace Rookery.Feed;

/// <summary>A message decided upon: the templates it is made of and what goes into their slots. With no template it is the kill message.</summary>
internal readonly struct Draw
{
    public Template? Outer { get; init; }

    public Person Author { get; init; }

    public long Id { get; init; }

    public long TimeMs { get; init; }

    public Original? Original { get; init; }

    public long InnerId { get; init; }

    public long InnerTimeMs { get; init; }

    public long Retweets { get; init; }

    public long Favourites { get; init; }

    /// <summary>The most bytes its event can take.</summary>
    public int MaxLength
    {
        get
        {
            if (Outer is null)
            {
                return SseFrame.MaxLength;
            }

            var length = SseFrame.MaxLength + Outer.MaxLength + Author.Template.MaxLength;
            return Original is null ? length : length + Original.Inner.MaxLength + Original.Author.Template.MaxLength;
        }
    }
}
