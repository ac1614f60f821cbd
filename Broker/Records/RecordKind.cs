namespace Rookery.Broker;

/// <summary>
/// What a record in a frame says. The records of a frame begin with the format's version (a byte, <see cref="Version"/>), the
/// sequence number of the first event published in it and the base of its times. Numbers are LEB128 varints, signed ones
/// zigzag; a text is its length in bytes and UTF-8; an owner is 0 or 1 (there is one) and a text; times are milliseconds since 1970 (UTC).
/// <code>
///  1 Publish      flags (1: priority, 2: lifetime) [priority] time-base [lifetime] id-length message-length id message
///  2 Moved        priority sequence time expiry(0: none) id-length message-length id message
///  3 Subscribe    subscription kind owner name start window lease tries last-used count { gap length-1 }
///  4 Unsubscribe  subscription
///  5 Acknowledge  subscription first count-1
///  6 Returned     subscription sequence tries due(0: at once)
///  7 DeadLetter   subscription sequence tries time
///  8 Replayed     subscription sequence(0: all)
///  9 Discarded    subscription sequence(0: all)
/// 10 Left         subscription time(0: it is used again)
/// 11 Floor        sequence
/// 12 Producer     producer owner name
/// 13 Produced     producer number(signed) sequence
/// 14 Snapshot     length, then: next-sequence last-time floor next-subscription next-producer
///                 count { Subscribe's fields, count { priority sequence }, count { sequence-step(signed) tries due },
///                         count { sequence-step(signed) tries time } }
///                 count { producer owner name number(signed) sequence }
/// 15 Dropped      sequence
/// </code>
/// Subscriptions and producers are named once and then referred to by a small number. A published event's number is the
/// previous one's plus 1. First deliveries are not recorded, nor is what follows from events and clock alone (the end
/// of a lifetime, of what was only kept).
/// </summary>
internal enum RecordKind : byte
{
    /// <summary>No record.</summary>
    None,

    /// <summary>A new event.</summary>
    Publish,

    /// <summary>An event written again, with the number and time it always had, so that its old frame can go.</summary>
    Moved,

    /// <summary>A subscription began or changed its options.</summary>
    Subscribe,

    /// <summary>A subscription ended.</summary>
    Unsubscribe,

    /// <summary>Events were settled.</summary>
    Acknowledge,

    /// <summary>A delivery was given back.</summary>
    Returned,

    /// <summary>A subscription gave up on an event.</summary>
    DeadLetter,

    /// <summary>A dead letter was put back.</summary>
    Replayed,

    /// <summary>A dead letter was dropped.</summary>
    Discarded,

    /// <summary>The last session of a durable subscription left, or a first one came.</summary>
    Left,

    /// <summary>Retention dropped all events up to this one.</summary>
    Floor,

    /// <summary>A producer got its number.</summary>
    Producer,

    /// <summary>A producer's event was stored.</summary>
    Produced,

    /// <summary>All that records before it say, save the events themselves.</summary>
    Snapshot,

    /// <summary>Somebody dropped the topic: its events up to this one, all subscriptions and all producers are gone.</summary>
    Dropped,
}

/// <summary>Constants of the record format.</summary>
internal static class RecordFormat
{
    /// <summary>The version this program writes, and the only one it reads.</summary>
    public const byte Version = 1;

    /// <summary>Flag of a publish: a priority follows; else it is 0.</summary>
    public const byte HasPriority = 1;

    /// <summary>Flag of a publish: a lifetime follows.</summary>
    public const byte HasLifetime = 2;
}
