using Rookery.Broker;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>The topics that the pipeline publishes to.</summary>
internal static class Topics
{
    public static TopicName Tweets { get; } = TopicName.Parse(TopicNames.Tweets);

    public static TopicName Users { get; } = TopicName.Parse(TopicNames.Users);

    public static TopicName Hashtags { get; } = TopicName.Parse(TopicNames.Hashtags);
}
