namespace Rookery.Wire;

/// <summary>What somebody may do with a topic.</summary>
[Flags]
internal enum Rights : byte
{
    None = 0,

    /// <summary><c>pub</c>.</summary>
    Publish = 1,

    /// <summary><c>sub</c>, and all that is done with a subscription of one's own.</summary>
    Subscribe = 2,

    /// <summary>See the figures of the topic and of everybody's subscriptions to it, and drop it.</summary>
    Administer = 4,
}
