using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>What goes to the workers of a stage, and what comes back.</summary>
internal static class ScoreCodec
{
    /// <summary>Before the fields of a tweet.</summary>
    public const byte Tweet = 0;

    /// <summary>A kill message; nothing follows.</summary>
    public const byte Kill = 1;

    /// <summary>Whether a kill message is for a stage: every stage sees every message, they take turns in being crashed.</summary>
    public static bool IsKillFor(TweetBlock block, int index, int ordinal, int stages) =>
        !block[index].IsTweet && (block.FirstSequence + index) % stages == ordinal;

    /// <summary>What a stage has to do with the records of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="start">The first record.</param>
    /// <param name="end">The record behind the last.</param>
    /// <param name="stage">The one stage.</param>
    /// <param name="ordinal">Its place among those in use.</param>
    /// <param name="stages">How many are in use.</param>
    /// <returns>Null where it has nothing to do.</returns>
    public static byte[]? Write(TweetBlock block, int start, int end, Stages stage, int ordinal, int stages)
    {
        using var writer = new FlatWriter(stage == Stages.Engagement ? 1024 : 16 << 10);
        for (var i = start; i < end; i++)
        {
            ref readonly var record = ref block[i];
            if (!record.IsTweet)
            {
                if (IsKillFor(block, i, ordinal, stages))
                {
                    writer.Byte(Kill);
                }

                continue;
            }

            writer.Byte(Tweet);
            if (stage == Stages.Engagement)
            {
                writer.Number(record.Favorites);
                writer.Number(record.Retweets);
                writer.Number(record.Followers);
            }
            else
            {
                writer.Bytes(block.Utf8(record.Text));
            }
        }

        return writer.Length == 0 ? null : writer.ToArray();
    }

    /// <summary>Writes scores into the records they belong to.</summary>
    /// <param name="block">The block.</param>
    /// <param name="start">The first record.</param>
    /// <param name="count">How many tweets have scores.</param>
    /// <param name="stage">The one stage.</param>
    /// <param name="scores">The scores.</param>
    /// <returns>The record behind the last of these tweets.</returns>
    public static int Take(TweetBlock block, int start, int count, Stages stage, byte[] scores)
    {
        var reader = new FlatReader(scores);
        var at = start;
        for (; count > 0; at++)
        {
            ref var record = ref block[at];
            if (!record.IsTweet)
            {
                continue;
            }

            count--;
            switch (stage)
            {
                case Stages.Sentiment:
                    record.Sentiment = reader.Real();
                    record.Words = reader.Count();
                    break;
                case Stages.Engagement:
                    record.Engagement = reader.Real();
                    break;
                default:
                    record.Censored = reader.Byte() == 0 ? null : reader.Bytes().ToArray();
                    break;
            }
        }

        return at;
    }
}
