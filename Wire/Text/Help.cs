namespace Rookery.Wire;

/// <summary>What <c>help</c> says: a line per command.</summary>
internal static class Help
{
    public static ReadOnlySpan<byte> Lines =>
        "pub <topic> {\"id\":\"1\",\"priority\":3,\"msg\":<any JSON>}  publish an event; also \"ttl_ms\", and \"n\" of a producer\r\n"u8 +
        "sub <topic> [json]  subscribe; options: window, from, lease_ms, max_tries, group\r\n"u8 +
        "unsub <topic>  end the subscription\r\n"u8 +
        "ack <topic> <id>  settle the oldest event in flight with that id\r\n"u8 +
        "ack <topic> #<seq>,#<a>-<b>,...  settle events in flight by number\r\n"u8 +
        "nack <topic> <id or #seq> [delay_ms]  give an event back, to be delivered again\r\n"u8 +
        "dead <topic> [json]  list the dead letters of the subscription; options: key (another subscription's), limit\r\n"u8 +
        "replay <topic> [#seq or json]  put one dead letter back, or all; options: key (another subscription's), seq\r\n"u8 +
        "discard <topic> [#seq or json]  drop one dead letter, or all; options: key (another subscription's), seq\r\n"u8 +
        "drop <topic>  end a topic with all that is in it; needs the right to administer it\r\n"u8 +
        "topics  figures of every topic\r\n"u8 +
        "stats [topic]  figures of the server, or of a topic and its subscriptions\r\n"u8 +
        "hello <json>  once, first; as, token, confirm, quiet, meta, producer\r\n"u8 +
        "ping  answers pong\r\n"u8 +
        "help  this list\r\n"u8 +
        "quit  says bye and closes\r\n"u8 +
        "ok help\r\n"u8;
}
