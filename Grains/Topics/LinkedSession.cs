using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>
/// One session behind a gateway, as the topic's shell sees it. What it is granted reaches the shell in pieces, so that what
/// waits for the gateway stays within bounds however many sessions it has.
/// </summary>
internal sealed class LinkedSession : ISessionReceiver
{
    private readonly GatewayLink _link;
    private long _grantedInAll;
    private long _reserve;

    public LinkedSession(GatewayLink link, int handle, SessionIdentity identity)
    {
        (_link, Handle) = (link, handle);
        Session = new TopicSession(identity, this);
    }

    public int Handle { get; }

    public TopicSession Session { get; }

    /// <summary>Bytes handed to the link that the gateway has not got yet.</summary>
    public long Waiting { get; set; }

    /// <summary>Bytes that the shell may still send.</summary>
    public long Unused { get; set; }

    /// <summary>A new subscription begins with this credit; what of it the shell may use at once.</summary>
    public long Begin(long credit)
    {
        var atOnce = Math.Min(credit, Math.Max(0, _link.Share - Waiting));
        _reserve = credit - atOnce;
        Unused = atOnce;
        return atOnce;
    }

    /// <summary>What the session has granted in all; what is new of it counts.</summary>
    public void Granted(long total, TopicShell shell)
    {
        var bytes = total - _grantedInAll;
        if (bytes > 0)
        {
            _grantedInAll = total;
            _reserve = _reserve > long.MaxValue - bytes ? long.MaxValue : _reserve + bytes;
            Give(shell);
        }
    }

    /// <summary>The gateway has got so many bytes.</summary>
    public void Received(long bytes, TopicShell shell)
    {
        Waiting -= bytes;
        Give(shell);
    }

    public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries) => _link.Write(this, after, deliveries);

    public void Dropped(TopicName topic, long after) => _link.Write(this, after, []);

    public void Close(SessionEnd reason)
    {
    }

    private void Give(TopicShell shell)
    {
        // With an unlimited credit too the share bounds what waits: it is given as the gateway takes it.
        var bytes = Math.Min(_reserve, _link.Share - Waiting - Unused);
        if (bytes > 0)
        {
            _reserve -= _reserve == long.MaxValue ? 0 : bytes;
            Unused += bytes;
            shell.Grant(Session, bytes);
        }
    }
}
