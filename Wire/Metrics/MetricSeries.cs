using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Rookery.Wire;

/// <summary>What one instrument measured, by its tags. The tags of an instrument are few; too many are counted together.</summary>
internal sealed class MetricSeries
{
    private const int MostTags = 200;

    private readonly ConcurrentDictionary<string, Cell> _cells = new(StringComparer.Ordinal);
    private readonly Cell _plain = new();
    private readonly bool _sets;

    public MetricSeries(Instrument instrument)
    {
        var type = instrument.GetType();
        var kind = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        var counts = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        _sets = instrument.IsObservable || kind == typeof(Gauge<>);
        Kind = counts ? "counter" : "gauge";
        Name = PrometheusText.NameOf(instrument.Name, instrument.Unit, counts);
        Help = instrument.Description ?? instrument.Name;
    }

    public string Name { get; }

    public string Kind { get; }

    public string Help { get; }

    /// <summary>The values by tags, which are written as they stand between braces.</summary>
    public IEnumerable<(string Tags, double Value)> Values
    {
        get
        {
            if (_plain.IsUsed)
            {
                yield return ("", _plain.Value);
            }

            foreach (var (tags, cell) in _cells)
            {
                yield return (tags, cell.Value);
            }
        }
    }

    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var cell = tags.IsEmpty ? _plain : CellOf(PrometheusText.Tags(tags));
        if (_sets)
        {
            cell.Set(value);
        }
        else
        {
            cell.Add(value);
        }
    }

    private Cell CellOf(string tags) =>
        _cells.TryGetValue(tags, out var cell) ? cell
        : _cells.Count < MostTags ? _cells.GetOrAdd(tags, _ => new Cell())
        : _cells.GetOrAdd("other=\"true\"", _ => new Cell());

    private sealed class Cell
    {
        private double _value;

        public bool IsUsed { get; private set; }

        public double Value => Volatile.Read(ref _value);

        public void Set(double value)
        {
            IsUsed = true;
            Volatile.Write(ref _value, value);
        }

        public void Add(double value)
        {
            IsUsed = true;
            var before = Volatile.Read(ref _value);
            while (Interlocked.CompareExchange(ref _value, before + value, before) is var seen && !seen.Equals(before))
            {
                before = seen;
            }
        }
    }
}
