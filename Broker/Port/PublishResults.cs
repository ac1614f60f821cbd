namespace Rookery.Broker;

/// <summary>What a batch of publishes came to, for publishers that bring all of it to its end.</summary>
public static class PublishResults
{
    /// <summary>
    /// The first event of a batch that is still to be published: it was not stored, is not known from before, and could yet be. The
    /// whole batch can be published again then, where its events are numbered.
    /// </summary>
    /// <param name="commands">Publishes, with their results.</param>
    /// <returns>Its position; −1 where there is none.</returns>
    public static int FirstLeft(TopicCommands commands)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var results = commands.Results;
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Outcome is not (Outcome.Done or Outcome.Repeated or Outcome.Invalid) && !IsOvertaken(commands, i))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>
    /// A numbered event that was refused while a later one was stored can never be published any more: numbers only grow. It was
    /// refused for what it is, not for when it came.
    /// </summary>
    private static bool IsOvertaken(TopicCommands commands, int index)
    {
        if (commands.Results[index].Outcome == Outcome.Refused && commands.Commands[index].Number != 0)
        {
            foreach (ref readonly var later in commands.Results[(index + 1)..])
            {
                if (later.Outcome == Outcome.Done)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
