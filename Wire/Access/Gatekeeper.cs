using System.Globalization;
using System.Net;

namespace Rookery.Wire;

/// <summary>
/// Lets clients in by their tokens, and holds off addresses that keep guessing. Servers that share one count failures together:
/// who guesses does not get as many tries again at another port.
/// </summary>
public sealed class Gatekeeper
{
    private readonly AccessList _access;
    private readonly int _mostFailures;
    private readonly FailedAttempts _failed;
    private readonly WireLog _log;

    internal Gatekeeper(AccessList access, int mostFailures, TimeProvider time, WireLog log) =>
        (_access, _mostFailures, _failed, _log) = (access, mostFailures, new FailedAttempts(mostFailures, time), log);

    /// <summary>Whether somebody without a token may do anything at all.</summary>
    internal bool LetsAnonymousIn => _access.LetsAnonymousIn;

    /// <summary>What a <c>hello</c> is worth: a grant, or the error line it is answered with.</summary>
    /// <param name="token">The token in it, if any.</param>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="fault">The error line, where there is no grant.</param>
    internal Grant? Admit(string? token, EndPoint? remote, out string? fault)
    {
        fault = null;
        if (token is null)
        {
            fault = _access.Anonymous is null ? Errors.TokenMissing : null;
            return _access.Anonymous;
        }

        if (_failed.Wait(remote) is var wait && wait > TimeSpan.Zero)
        {
            // Not even a good token: whoever guesses must not learn that it was one.
            WireMetrics.AttemptsBlocked.Add(1);
            fault = Errors.Fill(Errors.TooManyAttempts, Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture));
            return null;
        }

        if (_access.Find(token) is { } grant)
        {
            return grant;
        }

        var failures = _failed.Add(remote);
        WireMetrics.AttemptsFailed.Add(1);
        _log.TokenRefused(remote, failures, _mostFailures);
        fault = Errors.TokenUnknown;
        return null;
    }
}
