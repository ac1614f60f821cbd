using System.Globalization;
using System.Net;

namespace Rookery.Wire;

/// <summary>Lets clients in by their tokens, and holds off addresses that keep guessing.</summary>
internal sealed class Gatekeeper(AccessList access, int mostFailures, TimeProvider time, WireLog log)
{
    private readonly FailedAttempts _failed = new(mostFailures, time);

    /// <summary>Whether somebody without a token may do anything at all.</summary>
    public bool LetsAnonymousIn => access.LetsAnonymousIn;

    /// <summary>What a <c>hello</c> is worth: a grant, or the error line it is answered with.</summary>
    /// <param name="token">The token in it, if any.</param>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="fault">The error line, where there is no grant.</param>
    public Grant? Admit(string? token, EndPoint? remote, out string? fault)
    {
        fault = null;
        if (token is null)
        {
            fault = access.Anonymous is null ? Errors.TokenMissing : null;
            return access.Anonymous;
        }

        if (_failed.Wait(remote) is var wait && wait > TimeSpan.Zero)
        {
            // Not even a good token: whoever guesses must not learn that it was one.
            WireMetrics.AttemptsBlocked.Add(1);
            fault = Errors.Fill(Errors.TooManyAttempts, Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture));
            return null;
        }

        if (access.Find(token) is { } grant)
        {
            return grant;
        }

        var failures = _failed.Add(remote);
        WireMetrics.AttemptsFailed.Add(1);
        log.TokenRefused(remote, failures, mostFailures);
        fault = Errors.TokenUnknown;
        return null;
    }
}
