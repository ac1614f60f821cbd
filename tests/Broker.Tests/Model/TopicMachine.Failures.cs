namespace Rookery.Broker.Tests.Model;

/// <content>Writes, failures, crashes, and giving the topic back.</content>
internal sealed partial class TopicMachine
{
    private void CompleteWrite(bool holdOn)
    {
        while (_bench.Journal.HasPending)
        {
            _bench.Journal.Complete();
            (_durable, _inWrite) = (_inWrite!, null);
            _bench.Journal.Holds = holdOn;
            _bench.Turn();
            Observe();
            if (holdOn)
            {
                break;
            }
        }

        _bench.Journal.Holds = holdOn;
    }

    private void Fail(bool stored)
    {
        if (!_bench.Journal.HasPending)
        {
            return;
        }

        _bench.Journal.FailAppend(stored);
        _bench.Journal.Holds = false;
        _bench.Turn();
        Assert.True(_bench.Shell.IsFailed);
        Assert.All(_pending, expected => Assert.True(expected.Reply.Result.Outcome is Outcome.Unknown or Outcome.Unavailable));
        GoBack(stored);
        foreach (var (client, member) in _members.ToList())
        {
            if (!_now.Subscriptions.ContainsKey(member.Key))
            {
                _members.Remove(client);
            }
        }

        _bench.Recover();
        TakeUpDropped();
        Resume();
    }

    private void Crash(bool stored)
    {
        GoBack(stored);
        _members.Clear();
        _dropped.Clear();
        Array.Clear(_clients);
        _bench.Journal.Holds = false;
        _bench.Restart(stored);
        Resume();
    }

    private void GoBack(bool stored)
    {
        _now = (stored && _inWrite is not null ? _inWrite : _durable).Copy();
        _inWrite = null;
        _pending.Clear();
    }

    private void Resume()
    {
        _now.Restart();
        foreach (var key in _now.Subscriptions.Where(pair => !pair.Value.IsDurable && !_members.Values.Any(member => member.Key == pair.Key)).Select(pair => pair.Key).ToList())
        {
            _now.Subscriptions.Remove(key);
        }

        _now.Expire(_bench.Now);
        _now.Cull(Keep);
        _durable = _now.Copy();
        _appends = _bench.Journal.Appends;
    }

    /// <summary>Whose subscription ended with the topic goes on where that came to nothing, and the subscription is there.</summary>
    private void TakeUpDropped()
    {
        foreach (var (client, how) in _dropped)
        {
            if (client.Session.IsSubscribed && _clients.Contains(client))
            {
                _members.TryAdd(client, how);
            }
        }

        _dropped.Clear();
    }

    /// <summary>Nobody uses the topic for long: it is given back where it is empty, and goes on where it was.</summary>
    private void Rest()
    {
        _bench.Journal.Holds = _bench.Journal.HasPending;
        Advance((int)TimeSpan.FromMinutes(11).TotalMilliseconds);
        var isDue = _now.Events.Count == 0 && _now.Subscriptions.Count == 0 && !_bench.Journal.HasPending;
        Assert.Equal(isDue, _bench.TryRest());
        Observe();
        if (isDue)
        {
            _appends = _bench.Journal.Appends;
            _durable = _now.Copy();
        }
    }
}
