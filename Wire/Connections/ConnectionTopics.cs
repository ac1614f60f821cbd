using System.Diagnostics.CodeAnalysis;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// The topics of one connection, found by their bytes without making a string. Bounded: those without a subscription are
/// forgotten when there are many.
/// </summary>
internal sealed class ConnectionTopics(Lock gate)
{
    private const int MostIdle = 4096;

    private readonly Dictionary<byte[], TopicState> _byBytes = new(Utf8Keys.Instance);
    private readonly Dictionary<string, TopicState> _byName = new(StringComparer.Ordinal);
    private TopicState? _last;
    private int _forgetAt = MostIdle;

    /// <summary>What the client may; known before it names a topic.</summary>
    public Grant Grant { get; set; } = Grant.Everything;

    /// <summary>Finds or makes a topic's state; false where the bytes are no name. Only the reader of commands calls this.</summary>
    public bool TryGet(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out TopicState? state)
    {
        state = _last;
        if (state is not null && utf8.SequenceEqual(state.Utf8))
        {
            return true;
        }

        if (!_byBytes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(utf8, out state))
        {
            if (!TopicName.TryParse(utf8, out var name))
            {
                return false;
            }

            state = new TopicState(name, Grant.On(name.Value));
            lock (gate)
            {
                Forget();
                _byBytes.Add(state.Utf8, state);
                _byName.Add(name.Value, state);
            }
        }

        _last = state;
        return true;
    }

    /// <summary>Finds a topic's state for a delivery. Under the gate.</summary>
    public TopicState Get(TopicName name) => _byName.TryGetValue(name.Value, out var state) ? state : new TopicState(name, Rights.None);

    private void Forget()
    {
        if (_byBytes.Count < _forgetAt)
        {
            return;
        }

        foreach (var state in _byBytes.Values.Where(s => s is { Credit: 0, Batch: null }).ToArray())
        {
            _byBytes.Remove(state.Utf8);
            _byName.Remove(state.Name.Value);
        }

        _forgetAt = _byBytes.Count + MostIdle;
    }

    private sealed class Utf8Keys : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Keys Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
