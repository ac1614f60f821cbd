using Rookery.Broker;

namespace Rookery.Local;

/// <summary>The topics that the pipeline publishes to.</summary>
internal static class Topics
{
    public static TopicName Tweets { get; } = TopicName.Parse("tweets");

    public static TopicName Users { get; } = TopicName.Parse("users");

    public static TopicName Hashtags { get; } = TopicName.Parse("hashtags");
}
