namespace Rookery.Broker;

/// <content>Dead letters: the topic names them, their payloads are fetched here before the batch completes.</content>
public sealed partial class TopicShell
{
    /// <summary>Most bytes of payloads in one listing; what is beyond is not listed until some of it was replayed or discarded.</summary>
    private const long MaxListedBytes = 64 << 20;

    private readonly List<(TopicCommands Commands, IBatchCompletion Completion)> _listings = [];

    private static bool HasListing(TopicCommands commands)
    {
        foreach (ref readonly var command in commands.Commands)
        {
            if (command.Kind == CommandKind.ListDead)
            {
                return true;
            }
        }

        return false;
    }

    private void FillListings()
    {
        for (var i = 0; i < _listings.Count; i++)
        {
            var (commands, completion) = _listings[i];
            if (TryFill(commands))
            {
                _listings.RemoveAt(i--);
                completion.Complete(commands);
            }
        }
    }

    /// <summary>Nothing more can be read. What else those batches did is durable, and stays done.</summary>
    private void FailListings()
    {
        foreach (var (commands, completion) in _listings)
        {
            foreach (ref var result in commands.Results)
            {
                if (result.DeadLetters is not null)
                {
                    result = new CommandResult { Outcome = Outcome.Unavailable, Detail = FailedDetail };
                }
            }

            completion.Complete(commands);
        }

        _listings.Clear();
    }

    private bool TryFill(TopicCommands commands)
    {
        foreach (ref var result in commands.Results)
        {
            if (result.DeadLetters is not DeadLetter[] letters)
            {
                continue;
            }

            var (bytes, i) = (0L, 0);
            for (; i < letters.Length && bytes < MaxListedBytes; i++)
            {
                if (letters[i].Id.IsEmpty && _topic.Events.IsAlive(letters[i].Sequence))
                {
                    if (_held.Count >= MaxHeld)
                    {
                        LetGo();
                    }

                    if (Acquire(_topic.Events.Find(letters[i].Sequence).Slot) is not { } frame)
                    {
                        return false;
                    }

                    Fill(ref letters[i], frame);
                }

                bytes += letters[i].Id.Length + letters[i].Message.Length;
            }

            // Those without an id went while the others were fetched, or are too many; the latter are counted all the same.
            result.DeadLetters = Array.FindAll(letters, static letter => !letter.Id.IsEmpty);
            result.Count = result.DeadLetters.Count + letters.Length - i;
        }

        return true;
    }

    private void Fill(ref DeadLetter letter, CachedFrame frame)
    {
        if (!frame.TryFind(letter.Sequence, out var stored))
        {
            _topic.Lose(letter.Sequence);
            return;
        }

        letter = letter with
        {
            Id = frame.Records.Slice(stored.IdStart, stored.IdLength).ToArray(),
            Message = frame.Records.Slice(stored.MessageStart, stored.MessageLength).ToArray(),
        };
    }
}
