using System.Text;
using Spectre.Console.Rendering;

namespace Rookery.Command;

/// <summary>How a piece of a line looks where there are colours.</summary>
internal enum TopStyle
{
    Plain,
    Head,
    Title,
    Rate,
    Tag,
    Faint,
    Trouble,
}

/// <summary>A line of a screen that never grows beyond its width.</summary>
internal sealed class TopLine(int width)
{
    private readonly List<(string Text, TopStyle Style)> _pieces = [];
    private int _cells;

    /// <summary>Cells that are left.</summary>
    public int Room => width - _cells;

    public static TopLine Plain(string text, int width, TopStyle style = TopStyle.Plain) => new TopLine(width).Add(text, style);

    /// <summary>As many of some parts, two cells between them, as there is room for as a whole; of the first what there is room for.</summary>
    public static TopLine Parts(IEnumerable<string> parts, int width, TopStyle style)
    {
        var line = new TopLine(width);
        foreach (var part in parts)
        {
            if (line._cells > 0 && CellsOf(part) + 2 > line.Room)
            {
                break;
            }

            line.Add($"{(line._cells > 0 ? "  " : "")}{part}", style);
        }

        return line;
    }

    private static int CellsOf(string text) => new Segment(text).CellCount();

    /// <summary>Adds what there is room for.</summary>
    public TopLine Add(string text, TopStyle style = TopStyle.Plain)
    {
        var fitting = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            var cells = CellsOf(rune.ToString());
            if (_cells + cells > width)
            {
                break;
            }

            fitting.Append(rune);
            _cells += cells;
        }

        _pieces.Add((fitting.ToString(), style));
        return this;
    }

    /// <summary>Without colours.</summary>
    public override string ToString() => string.Concat(_pieces.Select(p => p.Text)).TrimEnd();

    /// <summary>With colours, as a terminal understands them.</summary>
    public string Coloured() => string.Concat(_pieces.Select(p => p.Style == TopStyle.Plain ? p.Text : $"\u001b[{Code(p.Style)}m{p.Text}\u001b[0m"));

    private static string Code(TopStyle style) => style switch
    {
        TopStyle.Head => "1",
        TopStyle.Title => "7",
        TopStyle.Rate => "32",
        TopStyle.Tag => "36",
        TopStyle.Faint => "2",
        _ => "31",
    };
}
