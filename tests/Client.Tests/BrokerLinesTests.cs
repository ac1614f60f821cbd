using System.Text;
using Rookery.Wire;

namespace Rookery.Client.Tests;

/// <summary>The protocol has words where others have codes: by those the client knows what it is told.</summary>
public sealed class BrokerLinesTests
{
    private static readonly Dictionary<string, string> Known = new()
    {
        [nameof(Errors.NoSuchEvent)] = "no such event",
        [nameof(Errors.NotSubscribed)] = "not subscribed",
        [nameof(Errors.TokenMissing)] = "access denied",
        [nameof(Errors.TokenUnknown)] = "access denied",
        [nameof(Errors.UnknownOutcome)] = "unknown outcome",
        [nameof(Errors.TakenOver)] = "takeover",
        [nameof(Errors.ShuttingDown)] = "farewell",
        [nameof(Errors.Lost)] = "farewell",
        [nameof(Errors.Idle)] = "farewell",
        [nameof(Errors.Dropped)] = "dropped",
    };

    public static TheoryData<string> All => [.. typeof(Errors).GetFields().Where(f => f.IsLiteral).Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_line_of_the_broker_is_known_for_what_it_is_and_taken_for_nothing_else(string name)
    {
        var template = (string)typeof(Errors).GetField(name)!.GetRawConstantValue()!;
        var line = Errors.Fill(template, [.. Enumerable.Repeat("7", template.Count(c => c == '<'))]);
        Assert.Equal(Known.GetValueOrDefault(name, "refusal"), string.Join(", ", Meanings(line)));
    }

    [Fact]
    public void What_the_broker_does_not_have_is_named()
    {
        var missing = Assert.IsType<NoSuchEventException>(RookeryException.Of(Errors.Fill(Errors.NoSuchEvent, "#7")));
        Assert.Equal("#7", missing.EventId);
        Assert.Equal("there is no event #7", missing.Message);
    }

    private static List<string> Meanings(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        (string Meaning, bool Holds)[] all =
        [
            ("no such event", RookeryException.Of(line) is NoSuchEventException && Lines.IsError(bytes)),
            ("not subscribed", Lines.IsNotSubscribed(line) && Lines.IsError(bytes)),
            ("access denied", RookeryException.Of(line) is AccessDeniedException && Lines.IsError(bytes)),
            ("unknown outcome", Lines.IsUnknownOutcome(line) && Lines.IsError(bytes)),
            ("takeover", Lines.IsTakeover(bytes)),
            ("farewell", Lines.IsFarewell(bytes)),
            ("dropped", Lines.DroppedTopic(bytes).SequenceEqual("7"u8)),
        ];
        var meanings = all.Where(one => one.Holds).Select(one => one.Meaning).ToList();
        return meanings.Count > 0 ? meanings : [Lines.IsError(bytes) ? "refusal" : "nothing"];
    }
}
