using System.Diagnostics.CodeAnalysis;

namespace Rookery.Grains;

/// <summary>
/// Values by id, as many as are allowed and twice as many at most: when the younger half is full, the older one is forgotten. What is used
/// stays. One thread at a time.
/// </summary>
internal sealed class Remembered<T>(int most)
{
    private Dictionary<long, T> _younger = [];
    private Dictionary<long, T> _older = [];

    /// <summary>Finds a value.</summary>
    public bool TryGet(long id, [MaybeNullWhen(false)] out T value)
    {
        if (_younger.TryGetValue(id, out value))
        {
            return true;
        }

        if (!_older.TryGetValue(id, out value))
        {
            return false;
        }

        Put(id, value);
        return true;
    }

    /// <summary>Remembers a value.</summary>
    public void Put(long id, T value)
    {
        if (most == 0)
        {
            return;
        }

        if (_younger.Count >= most && !_younger.ContainsKey(id))
        {
            (_older, _younger) = (_younger, _older);
            _younger.Clear();
        }

        _younger[id] = value;
    }

    /// <summary>Forgets a value, if it is there.</summary>
    public void Forget(long id)
    {
        _younger.Remove(id);
        _older.Remove(id);
    }
}
