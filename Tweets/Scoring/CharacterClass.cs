using System.Globalization;
using System.Text;

namespace Rookery.Tweets;

/// <summary>What a character is to the words of a text.</summary>
internal enum CharacterClass : byte
{
    /// <summary>White space, punctuation and the like: between words.</summary>
    Separator,

    /// <summary>Letters, marks and numbers of any script.</summary>
    Word,

    /// <summary>Pictures: emoji and other symbols that are no signs of currency or mathematics.</summary>
    Picture,

    /// <summary>Joins pictures, or belongs to what it follows: variation selectors, the zero-width joiner, tags.</summary>
    Joiner,
}

/// <summary>Tells the class of characters.</summary>
internal static class CharacterClasses
{
    private const byte HasLower = 0x80;

    // Looking a category up costs more than reading a byte; texts in other scripts than Latin consist of such characters.
    private static readonly byte[] Basic = Build();
    private static readonly byte[] Lower = BuildLower();

    /// <summary>For letters and digits of ASCII what they are in lower case; 0 for any other byte.</summary>
    public static ReadOnlySpan<byte> LowerAscii => Lower;

    public static CharacterClass Of(Rune rune) => rune.IsBmp ? (CharacterClass)(Basic[rune.Value] & ~HasLower) : Look(rune);

    public static Rune Fold(Rune rune) => rune.IsBmp && (Basic[rune.Value] & HasLower) == 0 ? rune : Rune.ToLowerInvariant(rune);

    private static byte[] BuildLower()
    {
        var lower = new byte[256];
        for (var value = 0; value < 128; value++)
        {
            if (char.IsAsciiLetterOrDigit((char)value))
            {
                lower[value] = (byte)char.ToLowerInvariant((char)value);
            }
        }

        return lower;
    }

    private static byte[] Build()
    {
        var classes = new byte[0x10000];
        for (var value = 0; value < classes.Length; value++)
        {
            if (Rune.TryCreate(value, out var rune))
            {
                classes[value] = (byte)((byte)Look(rune) | (Rune.ToLowerInvariant(rune) == rune ? 0 : HasLower));
            }
        }

        return classes;
    }

    private static CharacterClass Look(Rune rune)
    {
        // Zero-width joiner, variation selectors, skin tones, tags.
        if (rune.Value is 0x200D or (>= 0xFE00 and <= 0xFE0F) or (>= 0x1F3FB and <= 0x1F3FF) or (>= 0xE0020 and <= 0xE007F))
        {
            return CharacterClass.Joiner;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Word,
            UnicodeCategory.OtherSymbol => CharacterClass.Picture,
            _ => CharacterClass.Separator,
        };
    }
}
