using Rookery.Broker;

namespace Rookery.Wire.Tests;

internal sealed class FakeSession(FakeBroker broker, SessionIdentity identity, ISessionReceiver receiver) : IBrokerSession
{
    public SessionIdentity Identity => identity;

    public ISessionReceiver Receiver => receiver;

    /// <summary>The newest batch whose replies the client awaits.</summary>
    public long LastOrdinal { get; private set; }

    public async ValueTask ExecuteAsync(TopicCommands commands)
    {
        lock (broker.Gate)
        {
            var topic = broker.Topic(commands.Topic);
            LastOrdinal = Math.Max(LastOrdinal, commands.Ordinal);
            for (var i = 0; i < commands.Commands.Length; i++)
            {
                commands.Results[i] = broker.Script?.Invoke(commands, i) ?? topic.Execute(this, commands, commands.Commands[i]);
            }

            broker.Executed += commands.Commands.Length;
            topic.Pump();
        }

        if (broker.Delay is { } delay)
        {
            await delay(commands);
        }
        else
        {
            await Task.Yield();
        }
    }

    public void Grant(TopicName topic, long bytes)
    {
        lock (broker.Gate)
        {
            broker.Topic(topic).Grant(this, bytes);
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (broker.Gate)
        {
            broker.End(this);
        }

        broker.SessionEnded?.Invoke();
        return ValueTask.CompletedTask;
    }
}
