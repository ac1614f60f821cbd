using System.Net.Sockets;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>The command line asks for something that is not allowed; the message names option, value and bound.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Something could not be done; the message says what, why and what to do.</summary>
internal sealed class FailureException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Makes one line of whatever went wrong.</summary>
internal static class Failures
{
    public static string Explain(Exception failure) => failure switch
    {
        AccessDeniedException => $"{Line(failure.Message)}. Set the token in ROOKERY_TOKEN, or with --token",
        TakenOverException => "another connection with the same name took over; this one does not come back. Use a name of its own (--as)",
        RookeryConnectionException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } =>
            $"{Line(failure.Message)}. Is a broker running there? Start one with: rookery run",
        _ => Line(failure.Message),
    };

    private static string Line(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
