namespace Rookery.Broker.Tests;

/// <summary>A batch of commands between its uses.</summary>
public class TopicCommandsTests
{
    private static readonly TopicName Topic = TopicName.Parse("t");

    [Fact]
    public void A_batch_keeps_its_memory_until_it_is_told_to_let_it_go()
    {
        var commands = new TopicCommands();
        commands.Publish("1"u8, new byte[10_000]);
        _ = commands.Results;
        commands.Reset(Topic, 1);
        Assert.True(commands.Capacity > 10_000);

        commands.Release();
        Assert.Equal(0, commands.Capacity);
    }

    [Fact]
    public void A_batch_that_let_go_of_its_memory_is_filled_again()
    {
        var commands = new TopicCommands();
        commands.Publish("1"u8, "2"u8);
        commands.Release();
        commands.Reset(Topic, 2);
        commands.Publish("3"u8, "4"u8);

        Assert.Equal("3"u8, commands.BytesOf(commands.Commands[0].Id));
        Assert.Equal(1, commands.Results.Length);
    }
}
