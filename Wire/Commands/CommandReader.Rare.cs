using System.Text;
using Rookery.Broker;

namespace Rookery.Wire;

/// <content>The commands that are not sent by the thousand.</content>
internal sealed partial class CommandReader
{
    private Step ReadRare(in LineParts parts)
    {
        var first = parts.First;
        var count = parts.Count;
        if (first.SequenceEqual("unsub"u8) && count == 2)
        {
            return Topical(parts, CommandKind.Unsubscribe, ReplyKind.Unsubscribe);
        }

        if (first.SequenceEqual("dead"u8) && (count == 2 || HasOptions(parts)))
        {
            return DeadLetters(parts, CommandKind.ListDead, ReplyKind.ListDead);
        }

        if (first.SequenceEqual("replay"u8) && count >= 2)
        {
            return DeadLetters(parts, CommandKind.ReplayDead, ReplyKind.ReplayDead);
        }

        if (first.SequenceEqual("discard"u8) && count >= 2)
        {
            return DeadLetters(parts, CommandKind.DiscardDead, ReplyKind.DiscardDead);
        }

        if (first.SequenceEqual("drop"u8) && count == 2)
        {
            return Topical(parts, CommandKind.DropTopic, ReplyKind.DropTopic, Rights.Administer);
        }

        if (first.SequenceEqual("hello"u8) && count >= 2)
        {
            return Greet(parts.Behind);
        }

        if (first.SequenceEqual("topics"u8) && count == 1)
        {
            return AskTopics();
        }

        if (first.SequenceEqual("stats"u8) && count <= 2)
        {
            return AskStats(parts);
        }

        if (count == 1 && first.SequenceEqual("ping"u8))
        {
            return Say("pong\r\n"u8);
        }

        if (count == 1 && first.SequenceEqual("help"u8))
        {
            return Say(Help.Lines);
        }

        if (count == 1 && first.SequenceEqual("quit"u8))
        {
            Say("bye\r\n"u8);
            return Step.Close;
        }

        return Unknown(parts);
    }

    private Step Topical(in LineParts parts, CommandKind kind, ReplyKind reply, Rights needed = Rights.Subscribe)
    {
        if (Prepare(parts, needed, out var topic) is { } step)
        {
            return step;
        }

        var batch = BatchFor(topic!);
        if (kind == CommandKind.Unsubscribe)
        {
            batch.Commands.Unsubscribe();
        }
        else
        {
            batch.Commands.DropTopic();
        }

        return Reply(batch, reply, silent: false);
    }

    private static bool HasOptions(in LineParts parts) => parts.Count == 3 && parts.Rest.StartsWith("{"u8);

    private Step DeadLetters(in LineParts parts, CommandKind kind, ReplyKind reply)
    {
        DeadOptions wanted = default;
        var fault = HasOptions(parts) ? DeadOptions.TryRead(parts.Rest, lists: kind == CommandKind.ListDead, out wanted) : null;
        if (Prepare(parts, wanted.Needed, out var topic) is { } step)
        {
            return step;
        }

        if (fault is not null)
        {
            return Fault(Errors.Fill(Errors.BadOptions, fault));
        }

        var sequence = wanted.Sequence;
        if (parts.Count == 3 && !HasOptions(parts) && !SequenceText.TryRead(parts.Rest, out sequence))
        {
            return Fault(Errors.Fill(Errors.BadSequence, Echo.Text(parts.Rest), "<seq>"));
        }

        var batch = BatchFor(topic!);
        batch.Commands.DeadLetters(kind, sequence, Encoding.UTF8.GetBytes(wanted.Key ?? ""));
        Reply(batch, reply, silent: false, wanted.Limit);
        return kind == CommandKind.ListDead ? Step.List : Step.Next;
    }

    private Step Greet(ReadOnlySpan<byte> json)
    {
        if (_openFault is { } unavailable)
        {
            return NotExecuted("hello", unavailable);
        }

        if (!_first)
        {
            return Fault(Errors.HelloNotFirst);
        }

        try
        {
            Greeted = Hello.Read(json);
            return Step.Hello;
        }
        catch (FormatException fault)
        {
            return Fault(Errors.Fill(Errors.BadHello, fault.Message));
        }
    }

    private Step AskTopics()
    {
        if (_grant is not { } grant)
        {
            return Fault(Errors.TokenMissing);
        }

        return grant.Administer.IsEmpty
            ? NotAllowed("topics", "some topic")
            : Ask(new Question(QuestionKind.Topics, default));
    }

    private Step AskStats(in LineParts parts)
    {
        if (_grant is not { } grant)
        {
            return Fault(Errors.TokenMissing);
        }

        if (parts.Count == 1)
        {
            return grant.Administer.IsEverything ? Ask(new Question(QuestionKind.Broker, default)) : NotAllowed("stats", "*");
        }

        return parts.Second.IsEmpty ? Unknown(parts)
            : !_topics.TryGet(parts.Second, out var topic) ? BadTopic(parts.Second)
            : (topic.Allowed & Rights.Administer) == 0 ? NotAllowed(Rights.Administer, topic.Name)
            : Ask(new Question(QuestionKind.Topic, topic.Name));
    }

    private Step Ask(Question question)
    {
        _first = false;
        Question = question;
        return Step.Ask;
    }
}
