using System.Globalization;

namespace Rookery.Command;

/// <summary>How far something long is, in one line of a terminal that goes again; nothing where there is no terminal.</summary>
internal sealed class ProgressBar(Surroundings around) : IDisposable
{
    private const int Width = 30;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private long _last;
    private bool _shown;

    public void Show(double part, string what)
    {
        if (!around.IsLive || (_shown && TimeProvider.System.GetElapsedTime(_last) < Pace))
        {
            return;
        }

        (_last, _shown) = (TimeProvider.System.GetTimestamp(), true);
        var done = (int)(Math.Clamp(part, 0, 1) * Width);
        around.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r[{new string('#', done)}{new string('.', Width - done)}] {part,4:0%} {what}\u001b[K"));
        around.Error.Flush();
    }

    public void Clear()
    {
        if (_shown)
        {
            around.Error.Write("\r\u001b[K");
            around.Error.Flush();
            _shown = false;
        }
    }

    public void Dispose() => Clear();
}
