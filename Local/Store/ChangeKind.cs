namespace Rookery.Local;

/// <summary>What happened to a row; stored in <c>changes.kind</c>.</summary>
internal enum ChangeKind : byte
{
    /// <summary>A tweet was stored for the first time.</summary>
    TweetCreated = 0,

    /// <summary>A tweet came again, most often with grown counts.</summary>
    TweetUpdated = 1,

    /// <summary>A user was stored for the first time.</summary>
    UserCreated = 2,

    /// <summary>A user was seen again.</summary>
    UserUpdated = 3,
}
