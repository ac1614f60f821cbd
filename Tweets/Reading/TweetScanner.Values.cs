namespace Rookery.Tweets;

/// <content>What becomes of the values of members that are read.</content>
internal sealed partial class TweetScanner
{
    private bool Value(ReadOnlySpan<byte> json, Frame frame, TweetField field, int at)
    {
        if (at == json.Length)
        {
            return false;
        }

        JsonString text = default;
        var number = 0L;
        var isObject = false;
        var isList = false;
        switch (json[at])
        {
            case (byte)'"':
                if (!JsonText.TryReadString(json, at, out text))
                {
                    return false;
                }

                break;
            case (byte)'{':
                isObject = true;
                break;
            case (byte)'[':
                isList = true;
                break;
            case (byte)'n' or (byte)'t' or (byte)'f':
                if (!JsonText.IsLiteral(json, at, "null"u8) && !JsonText.IsLiteral(json, at, "true"u8) && !JsonText.IsLiteral(json, at, "false"u8))
                {
                    return false;
                }

                break;
            default:
                if (!JsonText.TryReadNumber(json, at, out number))
                {
                    return false;
                }

                break;
        }

        var tweet = _drafts[frame.Draft];
        switch (field)
        {
            case TweetField.Message:
                (_enveloping, _enveloped) = (isObject, -1);
                Await(isObject, at, new Frame(TweetContext.Message, 0, false));
                break;
            case TweetField.MessageTweet:
                (_enveloping, _enveloped) = (true, -1);
                AwaitTweet(isObject, at, RecordKind.Tweet, ref _enveloped);
                break;
            case TweetField.Id:
                tweet.Id = number;
                break;
            case TweetField.IdText:
                tweet.IdText = text;
                break;
            case TweetField.Text:
                tweet.Text = text;
                break;
            case TweetField.FullText:
                tweet.FullText = text;
                break;
            case TweetField.ExtendedText:
                tweet.ExtendedText = text;
                break;
            case TweetField.Language:
                tweet.Language = text;
                break;
            case TweetField.CreatedAt:
                tweet.CreatedAt = text;
                break;
            case TweetField.Timestamp:
                (tweet.TimestampMs, tweet.TimestampText) = (number, text);
                break;
            case TweetField.Favorites:
                tweet.Favorites = Math.Max(0, number);
                break;
            case TweetField.Retweets:
                tweet.Retweets = Math.Max(0, number);
                break;
            case TweetField.Retweeted:
                AwaitTweet(isObject, at, RecordKind.Retweeted, ref tweet.Retweeted);
                break;
            case TweetField.Quoted:
                AwaitTweet(isObject, at, RecordKind.Quoted, ref tweet.Quoted);
                break;
            case TweetField.QuotedId:
                tweet.QuotedId = number;
                break;
            case TweetField.QuotedIdText:
                tweet.QuotedIdText = text;
                break;
            case TweetField.User:
                tweet.ForgetUser();
                Await(isObject, at, new Frame(TweetContext.User, frame.Draft, false));
                break;
            case TweetField.ExtendedTweet:
                tweet.ForgetExtended();
                Await(isObject, at, new Frame(TweetContext.ExtendedTweet, frame.Draft, false));
                break;
            case TweetField.Entities:
                tweet.Hashtags = 0;
                Await(isObject, at, new Frame(TweetContext.Entities, frame.Draft, false));
                break;
            case TweetField.ExtendedEntities:
                tweet.ExtendedHashtags = 0;
                Await(isObject, at, new Frame(TweetContext.ExtendedEntities, frame.Draft, false));
                break;
            case TweetField.Hashtags:
                ref var list = ref (frame.Context == TweetContext.Entities ? ref tweet.Hashtags : ref tweet.ExtendedHashtags);
                list = isList ? ++_lists : 0;
                Await(isList, at, new Frame(TweetContext.HashtagList, frame.Draft, true));
                break;
            case TweetField.HashtagText:
                _hashtags[^1] = _hashtags[^1] with { Text = text };
                break;
            case TweetField.UserId:
                tweet.UserId = number;
                break;
            case TweetField.UserIdText:
                tweet.UserIdText = text;
                break;
            case TweetField.ScreenName:
                tweet.ScreenName = text;
                break;
            case TweetField.UserName:
                tweet.UserName = text;
                break;
            case TweetField.Followers:
                tweet.Followers = Math.Max(0, number);
                break;
        }

        return true;
    }

    private void Await(bool matches, int at, Frame frame)
    {
        if (matches)
        {
            _awaitedAt = at;
            _awaited = frame;
        }
    }

    private void AwaitTweet(bool isObject, int at, RecordKind kind, ref int number)
    {
        number = -1;
        if (isObject && _draftCount <= MaxTweets)
        {
            number = _draftCount;
            Await(true, at, new Frame(TweetContext.Tweet, (byte)_draftCount, false) { Kind = kind });
        }
    }
}
