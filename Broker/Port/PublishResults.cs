namespace Rookery.Broker;

/// <summary>What a batch of publishes came to, for publishers that bring all of it to its end.</summary>
public static class PublishResults
{
    /// <summary>
    /// The first event of a batch that is still to be published: it was not stored, is not known from before, and could yet be. The
    /// whole batch can be published again then, where its events are numbered: none behind one that was refused is stored.
    /// </summary>
    /// <param name="commands">Publishes, with their results.</param>
    /// <returns>Its position; −1 where there is none.</returns>
    public static int FirstLeft(TopicCommands commands)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var results = commands.Results;
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Outcome is not (Outcome.Done or Outcome.Repeated or Outcome.Invalid))
            {
                return i;
            }
        }

        return -1;
    }
}
