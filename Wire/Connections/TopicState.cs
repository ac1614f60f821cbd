using System.Text;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>What one connection knows of a topic: its text ready to be written, and its share of the outgoing bytes.</summary>
internal sealed class TopicState
{
    public TopicState(TopicName name, Rights allowed)
    {
        Name = name;
        Allowed = allowed;
        Utf8 = Encoding.ASCII.GetBytes(name.Value);
        EventHead = DeliveryText.Head(name);
        ConfirmHead = Encoding.ASCII.GetBytes($"ok pub {name.Value} ");
    }

    public TopicName Name { get; }

    /// <summary>What the client may do with it.</summary>
    public Rights Allowed { get; }

    public byte[] Utf8 { get; }

    /// <summary>How the line of an event begins, up to the priority.</summary>
    public byte[] EventHead { get; }

    /// <summary>How the confirmation of a publish begins, up to the number.</summary>
    public byte[] ConfirmHead { get; }

    /// <summary>The batch being filled; only the reader of commands touches it.</summary>
    public WireBatch? Batch { get; set; }

    /// <summary>Bytes the subscription may have under way; 0 where there is none, nor one being made. Under the gate of the send queue.</summary>
    public long Credit { get; set; }

    /// <summary>The broker said that it is subscribed. Under the gate of the send queue.</summary>
    public bool Subscribed { get; set; }

    /// <summary>Ordinal of the batch that made the subscription, or changed it last. Under the gate.</summary>
    public long MadeAt { get; set; }

    /// <summary>Counts the subscriptions made and ended, so that credit of an old one is not granted to the next. Under the gate.</summary>
    public int Epoch { get; set; }

    /// <summary>Bytes sent and not granted again yet. Under the gate.</summary>
    public long Owed { get; set; }
}
