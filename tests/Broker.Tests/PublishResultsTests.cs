namespace Rookery.Broker.Tests;

public class PublishResultsTests
{
    [Theory]
    [InlineData(-1, Outcome.Done, Outcome.Repeated, Outcome.Invalid)]
    [InlineData(1, Outcome.Done, Outcome.Unavailable, Outcome.Done)]
    [InlineData(0, Outcome.Unknown, Outcome.Done)]
    [InlineData(1, Outcome.Done, Outcome.Refused, Outcome.Repeated)]
    [InlineData(0, Outcome.Refused, Outcome.Refused, Outcome.Done)]
    public void What_is_left_of_a_batch_was_not_stored_and_may_yet_be(int first, params Outcome[] outcomes) =>
        Assert.Equal(first, PublishResults.FirstLeft(Batch(outcomes)));

    private static TopicCommands Batch(Outcome[] outcomes)
    {
        var commands = new TopicCommands();
        commands.Reset(TopicName.Parse("t"), 0);
        for (var i = 0; i < outcomes.Length; i++)
        {
            commands.Publish("a"u8, "1"u8, number: i + 1);
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            commands.Results[i] = new CommandResult { Outcome = outcomes[i] };
        }

        return commands;
    }
}
