namespace Rookery.Broker;

/// <content>Giving a topic back that is empty and that nobody uses.</content>
public sealed partial class TopicShell
{
    private int _snapshotSlot = -1;
    private bool _restPrepared;

    /// <summary>Whether nothing is in the topic and nobody used it lately: to those who ask, it is not there.</summary>
    public bool IsUnused => _topic.IsEmpty && _topic.IsUnused(Now);

    /// <summary>Whether the topic has neither events nor subscriptions.</summary>
    public bool IsEmpty => _topic.IsEmpty;

    /// <summary>Somebody is about to use the topic.</summary>
    public void Use() => _topic.Use(Now);

    /// <summary>
    /// Whether the topic is unused and nothing of it is under way, so that the host may let the shell go; to be asked at the end
    /// of a turn. Where a write has to come first it is started, and the answer is another one in the turn that it ends in.
    /// </summary>
    /// <param name="resting">What is left of it; null: it never stored anything.</param>
    public bool TryRest(out RestingTopic? resting)
    {
        resting = null;
        if (!IsUnused || !IsStill())
        {
            return false;
        }

        if (_topic.Frames.Count == 0)
        {
            return true;
        }

        if (_topic.Frames.Count == 1 && _snapshotSlot >= 0)
        {
            resting = new RestingTopic(_topic, in _topic.Frames[_snapshotSlot]);
            return true;
        }

        // Once: where that does not leave one frame, as with one that cannot be read, the topic stays.
        if (!_restPrepared)
        {
            (_restPrepared, _snapshotWanted) = (true, true);
            Commit();

            // A journal may be so quick that the write has ended already, and no other turn follows.
            return _committing is null && TryRest(out resting);
        }

        return false;
    }

    /// <summary>Takes in what was left of a topic, in place of <see cref="Replay"/>.</summary>
    /// <param name="resting">What was left of it.</param>
    /// <param name="isHeld">
    /// Whether its frame was not released since; where it was, the first commit stores again what it said.
    /// </param>
    /// <param name="isUsed">Whether somebody is about to use it; else it may be given back again at once.</param>
    public void Resume(RestingTopic resting, bool isHeld, bool isUsed)
    {
        ArgumentNullException.ThrowIfNull(resting);
        _topic.Resume(resting, isHeld, isUsed);
        _snapshotWanted = !isHeld;
    }

    private bool IsStill() =>
        !IsFailed && _committing is null && _queued.Count == 0 && _gathering.Batch.IsEmpty && _gathering.Waiting.Count == 0
        && _listings.Count == 0 && _reads.Count == 0 && _moving.Count == 0;
}
