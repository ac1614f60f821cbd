namespace Rookery.Feed;

/// <summary>A tweet many take up: as it stands inside others, and the retweet and the quote around it.</summary>
internal sealed record Original(Person Author, Template Inner, Template Retweet, Template Quote);
