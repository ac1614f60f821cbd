using System.Globalization;

namespace Rookery.Command;

/// <summary>A number and its noun.</summary>
internal static class Counted
{
    /// <summary><c>no events</c>, <c>1 event</c>, <c>2 events</c>.</summary>
    public static string Of(long count, string noun, string? nouns = null) => count switch
    {
        0 => $"no {nouns ?? noun + "s"}",
        1 => $"1 {noun}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{count} {nouns ?? noun + "s"}"),
    };
}
