using System.Collections.Concurrent;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>The mailboxes of all topics there are.</summary>
internal sealed class TopicTable(IMailboxOwner owner, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<TopicName, TopicMailbox> _mailboxes = new();
    private int _count;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    public IReadOnlyList<TopicMailbox> All => [.. _mailboxes.Values];

    public TopicMailbox? Find(TopicName topic) => _mailboxes.GetValueOrDefault(topic);

    /// <summary>Finds a mailbox or makes one, prepared before anybody else can find it. One caller at a time.</summary>
    public TopicMailbox GetOrAdd(TopicName topic, Action<TopicMailbox>? prepare = null)
    {
        if (!_mailboxes.TryGetValue(topic, out var mailbox))
        {
            mailbox = new TopicMailbox(topic, owner, time);
            prepare?.Invoke(mailbox);
            _mailboxes[topic] = mailbox;
            Interlocked.Increment(ref _count);
        }

        return mailbox;
    }

    /// <summary>Takes a closed mailbox away. One caller at a time.</summary>
    public void Remove(TopicMailbox mailbox)
    {
        if (_mailboxes.TryRemove(KeyValuePair.Create(mailbox.Topic, mailbox)))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    public void Dispose()
    {
        foreach (var mailbox in _mailboxes.Values)
        {
            mailbox.Dispose();
        }
    }
}
