using System.Globalization;
using Rookery.Broker;

namespace Rookery.Wire;

/// <content>Who the client is, where tokens are asked for.</content>
internal sealed partial class LineConnection
{
    private int _admitted;

    /// <summary>Where nobody is let in without a token: ends the connection if none came in time.</summary>
    private ITimer? ExpectToken() => _gatekeeper is null or { LetsAnonymousIn: true }
        ? null
        : _time.CreateTimer(static connection => ((LineConnection)connection!).EndUnlessAdmitted(), this, _options.HelloTimeout, Timeout.InfiniteTimeSpan);

    private void EndUnlessAdmitted()
    {
        if (Volatile.Read(ref _admitted) == 0)
        {
            WireMetrics.TokensLate.Add(1);
            End(Errors.Fill(Errors.TokenLate, _options.HelloTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private void Admit(Grant grant)
    {
        Volatile.Write(ref _admitted, 1);
        _commands.Grant = grant;
        _longestLine = _options.MaxLineBytes;
    }

    /// <summary>Answers a <c>hello</c> that lets nobody in.</summary>
    /// <returns>Whether to go on reading: another one may follow where the token was only missing.</returns>
    private async ValueTask<bool> RefuseAsync(string fault)
    {
        if (fault == Errors.TokenMissing)
        {
            _commands.Fault(fault);
            return true;
        }

        try
        {
            await Task.Delay(_options.FailedAttemptDelay, _time, _gone.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Closing anyway.
        }

        _commands.Fault(fault);
        return false;
    }

    private IReadOnlyList<TopicStats> Allowed(IReadOnlyList<TopicStats> topics) => _commands.Grant!.Administer is { IsEverything: false } some
        ? [.. topics.Where(t => some.Contains(t.Topic))]
        : topics;
}
