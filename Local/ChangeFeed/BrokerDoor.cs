using Rookery.Broker;

namespace Rookery.Local;

/// <summary>A session that only publishes.</summary>
internal sealed class BrokerDoor : ISessionReceiver, IAsyncDisposable
{
    private IBrokerSession? _session;
    private volatile bool _closed;

    private BrokerDoor()
    {
    }

    /// <summary>Opens a session.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="producer">Name under which events are numbered; null: they are not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BrokerUnavailableException">The broker takes no session at present.</exception>
    public static async Task<BrokerDoor> OpenAsync(IBroker broker, string? producer, CancellationToken cancellationToken)
    {
        var door = new BrokerDoor();
        door._session = await broker.OpenAsync(new SessionIdentity { Producer = producer }, door, cancellationToken).ConfigureAwait(false);
        return door;
    }

    /// <summary>Executes a batch; an empty one is nothing.</summary>
    /// <exception cref="BrokerUnavailableException">The broker ended the session.</exception>
    public async Task ExecuteAsync(TopicCommands commands)
    {
        if (_closed)
        {
            throw new BrokerUnavailableException("the broker ended the session");
        }

        if (commands.Commands.Length > 0)
        {
            await _session!.ExecuteAsync(commands).ConfigureAwait(false);
        }
    }

    /// <summary>Nothing is subscribed to, so nothing comes.</summary>
    public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
    {
    }

    public void Dropped(TopicName topic, long after)
    {
    }

    public void Close(SessionEnd reason) => _closed = true;

    public ValueTask DisposeAsync() => _session?.DisposeAsync() ?? ValueTask.CompletedTask;
}
