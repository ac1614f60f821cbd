namespace Rookery.Broker.Tests;

public class PublishResultsTests
{
    [Theory]
    [InlineData(-1, Outcome.Done, Outcome.Repeated, Outcome.Invalid)]
    [InlineData(1, Outcome.Done, Outcome.Unavailable, Outcome.Done)]
    [InlineData(0, Outcome.Unknown, Outcome.Done)]
    [InlineData(1, Outcome.Done, Outcome.Refused, Outcome.Repeated)]
    [InlineData(-1, Outcome.Refused, Outcome.Refused, Outcome.Done)]
    [InlineData(2, Outcome.Refused, Outcome.Done, Outcome.Refused)]
    public void What_is_left_of_a_numbered_batch_was_not_stored_and_may_yet_be(int first, params Outcome[] outcomes) =>
        Assert.Equal(first, PublishResults.FirstLeft(Batch(outcomes, numbered: true)));

    [Fact]
    public void Without_numbers_what_was_refused_may_be_published_later() =>
        Assert.Equal(0, PublishResults.FirstLeft(Batch([Outcome.Refused, Outcome.Done], numbered: false)));

    private static TopicCommands Batch(Outcome[] outcomes, bool numbered)
    {
        var commands = new TopicCommands();
        commands.Reset(TopicName.Parse("t"), 0);
        for (var i = 0; i < outcomes.Length; i++)
        {
            commands.Publish("a"u8, "1"u8, number: numbered ? i + 1 : 0);
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            commands.Results[i] = new CommandResult { Outcome = outcomes[i] };
        }

        return commands;
    }
}
