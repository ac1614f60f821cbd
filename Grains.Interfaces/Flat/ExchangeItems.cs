using Rookery.Broker;

namespace Rookery.Grains.Interfaces;

/// <summary>What stands in an exchange, in the order it is to be done. Sessions go by a handle that their gateway chose.</summary>
public static class ExchangeItems
{
    /// <summary>Says who a handle is.</summary>
    public static void Introduce(FlatWriter writer, int handle, SessionIdentity identity)
    {
        Begin(writer, ExchangeItem.Introduce, handle);
        ArgumentNullException.ThrowIfNull(identity);
        writer.Id(identity.Id);
        writer.Text(identity.Name);
        writer.Text(identity.Owner);
        writer.Text(identity.Producer);
    }

    /// <summary>Reads who a handle is.</summary>
    public static SessionIdentity ReadIdentity(ref FlatReader reader) =>
        new() { Id = reader.Id(), Name = reader.Text(), Owner = reader.Text(), Producer = reader.Text() };

    /// <summary>Commands of a session.</summary>
    public static void Commands(FlatWriter writer, int handle, TopicCommands commands)
    {
        Begin(writer, ExchangeItem.Commands, handle);
        CommandCodec.Write(writer, commands);
    }

    /// <summary>Says how many bytes a session has granted in all; what the topic knows already does not count again.</summary>
    public static void Grant(FlatWriter writer, int handle, long total)
    {
        Begin(writer, ExchangeItem.Grant, handle);
        writer.Number(total);
    }

    /// <summary>A session is at an end.</summary>
    public static void Detach(FlatWriter writer, int handle) => Begin(writer, ExchangeItem.Detach, handle);

    private static void Begin(FlatWriter writer, ExchangeItem item, int handle)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Byte((byte)item);
        writer.Number(handle);
    }
}

/// <summary>The kinds of <see cref="ExchangeItems"/>.</summary>
public enum ExchangeItem : byte
{
    /// <summary>Who a handle is.</summary>
    Introduce = 1,

    /// <summary>A batch of commands; only these have results.</summary>
    Commands = 2,

    /// <summary>Credit.</summary>
    Grant = 3,

    /// <summary>A session ended.</summary>
    Detach = 4,
}
