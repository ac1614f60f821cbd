using System.Diagnostics.CodeAnalysis;

namespace Rookery.Broker;

/// <summary>A publisher that numbers its events.</summary>
internal sealed class Producer(int number, string? owner, string name)
{
    /// <summary>What records call it.</summary>
    public int Number { get; } = number;

    public string? Owner { get; } = owner;

    public string Name { get; } = name;

    /// <summary>The number of its last event, given by itself.</summary>
    public long Last { get; set; } = long.MinValue;

    /// <summary>The number of that event in the topic.</summary>
    public long LastSequence { get; set; }

    /// <summary>Its place in the order of use; null once it was forgotten.</summary>
    public LinkedListNode<Producer>? Place { get; set; }
}

/// <summary>The producers a topic remembers; the longest unused goes first.</summary>
internal sealed class ProducerTable(int max)
{
    private readonly Dictionary<(string?, string), Producer> _byName = [];
    private readonly Dictionary<int, Producer> _byNumber = [];
    private readonly LinkedList<Producer> _byUse = new();

    public int Count => _byUse.Count;

    /// <summary>All of them, the longest unused first.</summary>
    public IEnumerable<Producer> ByUse => _byUse;

    public bool TryGet(int number, [NotNullWhen(true)] out Producer? producer) => _byNumber.TryGetValue(number, out producer);

    public bool TryGet(string? owner, string name, [NotNullWhen(true)] out Producer? producer) => _byName.TryGetValue((owner, name), out producer);

    public Producer Add(int number, string? owner, string name)
    {
        while (_byUse.Count >= max && _byUse.First is { } oldest)
        {
            Forget(oldest.Value);
        }

        if (_byName.TryGetValue((owner, name), out var same))
        {
            Forget(same);
        }

        var producer = new Producer(number, owner, name);
        producer.Place = _byUse.AddLast(producer);
        _byName[(owner, name)] = producer;
        _byNumber[number] = producer;
        return producer;
    }

    /// <summary>Notes an event of a producer.</summary>
    public void Use(Producer producer, long number, long sequence)
    {
        (producer.Last, producer.LastSequence) = (number, sequence);
        if (producer.Place is { } place && place.Next is not null)
        {
            _byUse.Remove(place);
            _byUse.AddLast(place);
        }
    }

    /// <summary>Forgets all of them.</summary>
    public void Clear()
    {
        while (_byUse.First is { } oldest)
        {
            Forget(oldest.Value);
        }
    }

    private void Forget(Producer producer)
    {
        _byUse.Remove(producer.Place!);
        producer.Place = null;
        _byName.Remove((producer.Owner, producer.Name));
        _byNumber.Remove(producer.Number);
    }
}
