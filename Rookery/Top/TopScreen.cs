using System.Text;

namespace Rookery.Command;

/// <summary>
/// A terminal that is drawn on: a screen of its own, given back at the end. A picture is written over the one before in one
/// piece, and nothing is cleared first, so nothing flickers.
/// </summary>
internal sealed class TopScreen : IDisposable
{
    private const string Begin = "\u001b[?1049h\u001b[?25l";
    private const string End = "\u001b[?25h\u001b[?1049l";
    private const string Home = "\u001b[H";
    private const string RestOfLine = "\u001b[K";
    private const string RestOfScreen = "\u001b[J";

    private readonly Surroundings _around;

    public TopScreen(Surroundings around)
    {
        _around = around;
        around.Out.Write(Begin);
        around.Out.Flush();
    }

    public void Show(IReadOnlyList<TopLine> lines)
    {
        var picture = new StringBuilder(Home);
        for (var i = 0; i < lines.Count; i++)
        {
            picture.Append(i == 0 ? "" : "\r\n").Append(_around.HasColour ? lines[i].Coloured() : lines[i].ToString()).Append(RestOfLine);
        }

        _around.Out.Write(picture.Append(RestOfScreen).ToString());
        _around.Out.Flush();
    }

    public void Dispose()
    {
        _around.Out.Write(End);
        _around.Out.Flush();
    }
}
