using System.Globalization;
using System.Text;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>An event as a line for people: <c>12:30:05.120 tweets #17 p3 id=42 text</c>.</summary>
internal static class EventLine
{
    public static string Of(ReceivedEvent received)
    {
        var line = new StringBuilder(256);
        line.Append(CultureInfo.InvariantCulture, $"{received.PublishedAt.ToLocalTime():HH:mm:ss.fff} {received.Topic} #{received.Sequence} p{received.Priority} id=");
        AppendPlain(line, received.Id);
        if (received.Tries > 1)
        {
            line.Append(CultureInfo.InvariantCulture, $" try={received.Tries}");
        }

        AppendPlain(line.Append(' '), received.Text);
        return line.ToString();
    }

    /// <summary>The beginning of a text, in one line.</summary>
    public static string Plain(string text, int most)
    {
        var line = new StringBuilder(most);
        AppendPlain(line, text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1)] + "…");
        return line.ToString();
    }

    // What an event holds must neither break the line nor command the terminal.
    private static void AppendPlain(StringBuilder line, string text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '\n':
                    line.Append("\\n");
                    break;
                case '\r':
                    line.Append("\\r");
                    break;
                case '\t':
                    line.Append("\\t");
                    break;
                case var control when char.IsControl(control):
                    line.Append(CultureInfo.InvariantCulture, $"\\u{(int)control:x4}");
                    break;
                default:
                    line.Append(c);
                    break;
            }
        }
    }
}
