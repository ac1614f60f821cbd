using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>Writes users by id, and their engagement.</summary>
internal sealed class UserUpsert
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _engagement;
    private readonly SqliteStatement _forgetEngagement;

    public UserUpsert(SqliteDatabase database)
    {
        _database = database;
        _update = database.Prepare("UPDATE users SET screen_name = ?2, name = ?3, followers = ?4, tweet_id = ?5 WHERE id = ?1");
        _insert = database.Prepare("INSERT INTO users VALUES (?1, ?2, ?3, ?4, ?5)");
        _engagement = database.Prepare("""
            INSERT INTO users_engagements (user_id, count, sum) VALUES (?1, ?2, ?3)
            ON CONFLICT (user_id) DO UPDATE SET count = count + ?2, sum = sum + ?3
            """);
        _forgetEngagement = database.Prepare("DELETE FROM users_engagements WHERE user_id = ? AND count <= 0");
    }

    /// <summary>Writes one user.</summary>
    /// <returns>True where it is new.</returns>
    public bool Write(in UserRow user)
    {
        Bind(_update, user);
        _update.Run();
        if (_database.Changes > 0)
        {
            return false;
        }

        Bind(_insert, user);
        _insert.Run();
        return true;
    }

    /// <summary>Adds to the engagement of users.</summary>
    public void AddEngagements(Dictionary<long, EngagementGain> gains)
    {
        foreach (var (user, gain) in gains)
        {
            _engagement.Bind(1, user);
            _engagement.Bind(2, gain.Count);
            _engagement.Bind(3, gain.Sum);
            _engagement.Run();
            if (gain.Count < 0)
            {
                _forgetEngagement.Bind(1, user);
                _forgetEngagement.Run();
            }
        }
    }

    private static void Bind(SqliteStatement to, in UserRow user)
    {
        to.Bind(1, user.Id);
        to.BindText(2, user.ScreenName);
        to.BindText(3, user.Name);
        to.Bind(4, user.Followers);
        to.Bind(5, user.TweetId);
    }
}
