namespace Rookery.Command;

internal static class RunCommand
{
    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command("run", "Everything in one process");
        command.SetAction((_, _) => Task.FromResult(0));
        return command;
    }
}
