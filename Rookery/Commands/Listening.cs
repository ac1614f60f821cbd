using System.Net.Sockets;

namespace Rookery.Command;

internal static class Listening
{
    /// <summary>Starts a server; where its port cannot be had, the error says who has it, and which option chooses another.</summary>
    /// <exception cref="FailureException">The port is in use, or the address is not of this machine.</exception>
    public static async Task StartAsync(Func<Task> start, string option, int port)
    {
        try
        {
            await start();
        }
        catch (IOException failed)
        {
            var message = failed.Message.TrimEnd('.');
            if (IsOfAnother(failed))
            {
                throw new FailureException($"{message}: no network of this machine has that address. Choose one that it has with --host, or * for all", failed);
            }

            var owner = message.EndsWith("in use", StringComparison.Ordinal) && Owners.OfPort(port) is { } who ? $" by {who}" : "";
            throw new FailureException($"{message}{owner}. Choose another with {option} N, or {option} 0 for any free one", failed);
        }
    }

    private static bool IsOfAnother(Exception? failed) =>
        failed is not null && (failed is SocketException { SocketErrorCode: SocketError.AddressNotAvailable } || IsOfAnother(failed.InnerException));
}
