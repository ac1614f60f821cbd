namespace Rookery.Command;

internal static class Listening
{
    /// <summary>Starts a server; where its port cannot be had, the error says which option chooses another.</summary>
    /// <exception cref="FailureException">The port is in use, or the address is not of this machine.</exception>
    public static async Task StartAsync(Func<Task> start, string option)
    {
        try
        {
            await start();
        }
        catch (IOException failed)
        {
            throw new FailureException($"{failed.Message.TrimEnd('.')}. Choose another with {option} N, or {option} 0 for any free one", failed);
        }
    }
}
