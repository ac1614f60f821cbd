using Microsoft.Extensions.Logging;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// The sessions that are open. A name belongs to one session at a time: a newer one takes it over, and opens only after the
/// older one was detached from every topic and told.
/// </summary>
internal sealed class SessionRegistry(JournalKeeper keeper, int maxSessions, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly HashSet<LocalSession> _sessions = [];
    private readonly Dictionary<(string? Owner, string Name), LocalSession> _named = [];
    private bool _stopping;

    /// <summary>Sessions open now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _sessions.Count;
            }
        }
    }

    public async ValueTask<LocalSession> OpenAsync(SessionIdentity identity, ISessionReceiver receiver, CancellationToken cancellationToken)
    {
        var session = new LocalSession(identity, receiver, keeper, this, logger);
        while (TryRegister(session) is { } older)
        {
            BrokerLog.TakenOver(logger, older.Identity.Id, older.Identity.Name);
            await older.EndAsync(SessionEnd.TakenOver).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return session;
    }

    /// <summary>Forgets a session that ended.</summary>
    public void Remove(LocalSession session)
    {
        lock (_gate)
        {
            _sessions.Remove(session);
            if (KeyOf(session) is { } key && _named.GetValueOrDefault(key) == session)
            {
                _named.Remove(key);
            }
        }
    }

    /// <summary>Ends every session and lets none open.</summary>
    public Task StopAsync()
    {
        LocalSession[] open;
        lock (_gate)
        {
            _stopping = true;
            open = [.. _sessions];
        }

        return Task.WhenAll(open.Select(session => session.EndAsync(SessionEnd.ShuttingDown)));
    }

    /// <summary>Lets none open.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            _stopping = true;
        }
    }

    /// <summary>Registers a session, unless another has its name.</summary>
    /// <returns>The session that has its name.</returns>
    private LocalSession? TryRegister(LocalSession session)
    {
        lock (_gate)
        {
            if (_stopping)
            {
                throw new BrokerUnavailableException("the broker is shutting down");
            }

            var key = KeyOf(session);
            if (key is not null && _named.TryGetValue(key.Value, out var older))
            {
                return older;
            }

            if (_sessions.Count >= maxSessions)
            {
                BrokerLog.SessionRefused(logger, _sessions.Count);
                throw new BrokerUnavailableException($"{_sessions.Count} sessions are open, and no more are allowed");
            }

            _sessions.Add(session);
            if (key is not null)
            {
                _named.Add(key.Value, session);
            }

            return null;
        }
    }

    private static (string? Owner, string Name)? KeyOf(LocalSession session) =>
        session.Identity.Name is { } name ? (session.Identity.Owner, name) : null;
}
