namespace Rookery.Tweets;

/// <summary>One user to store: a view of the author of a record, good as long as its batch.</summary>
public readonly struct UserRow
{
    private readonly TweetBlock _block;
    private readonly int _index;

    internal UserRow(TweetBlock block, int index)
    {
        _block = block;
        _index = index;
    }

    private ref readonly TweetRecord Record => ref _block[_index];

    /// <summary>User id, above 0.</summary>
    public long Id => Record.UserId;

    /// <summary>Name to call, UTF-8, without the <c>@</c>; empty where unknown.</summary>
    public ReadOnlySpan<byte> ScreenName => _block.Utf8(Record.ScreenName);

    /// <summary>Name to show, UTF-8; empty where unknown.</summary>
    public ReadOnlySpan<byte> Name => _block.Utf8(Record.UserName);

    /// <summary>Followers.</summary>
    public long Followers => Record.Followers;

    /// <summary>The tweet this user was last seen with.</summary>
    public long TweetId => Record.Id;

    /// <summary>The user object as received, JSON.</summary>
    public ReadOnlySpan<byte> Json => _block.Utf8(Record.UserJson);
}
