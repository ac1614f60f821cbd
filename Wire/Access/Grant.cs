namespace Rookery.Wire;

/// <summary>Who holds a token and what that allows.</summary>
/// <param name="Owner">Whose the names of clients, groups and producers are; null for those without a token.</param>
/// <param name="Publish">Topics to publish to.</param>
/// <param name="Subscribe">Topics to subscribe to.</param>
/// <param name="Administer">Topics to see all figures of.</param>
internal sealed record Grant(string? Owner, TopicPatterns Publish, TopicPatterns Subscribe, TopicPatterns Administer)
{
    /// <summary>What everybody may where nobody is asked for a token.</summary>
    public static readonly Grant Everything = new(null, TopicPatterns.Everything, TopicPatterns.Everything, TopicPatterns.Everything);

    public Rights On(string topic) =>
        (Publish.Contains(topic) ? Rights.Publish : Rights.None)
        | (Subscribe.Contains(topic) ? Rights.Subscribe : Rights.None)
        | (Administer.Contains(topic) ? Rights.Administer : Rights.None);
}
