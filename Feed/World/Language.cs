using System.Text;

namespace Rookery.Feed;

/// <summary>One language of the stream: its share of the tweets and its stock of phrases, hashtags, names, places and self-descriptions.</summary>
internal sealed class Language
{
    private readonly Dictionary<string, string[]> _sections;

    private Language(string code, double share, Dictionary<string, string[]> sections)
    {
        Code = code;
        Share = share;
        _sections = sections;
    }

    /// <summary>The languages and their shares, near those of the public sample stream of 2016.</summary>
    public static IReadOnlyList<Language> All { get; } =
    [
        Load("en", 0.36), Load("ja", 0.16), Load("es", 0.13), Load("ar", 0.08), Load("pt", 0.08), Load("ko", 0.04), Load("th", 0.04),
        Load("fr", 0.03), Load("tr", 0.03), Load("ru", 0.02), Load("in", 0.015), Load("de", 0.01), Load("hi", 0.005),
    ];

    /// <summary>The code in a tweet's <c>lang</c> (Indonesian is <c>in</c> there).</summary>
    public string Code { get; }

    public double Share { get; }

    public IReadOnlyList<string> Tags => _sections["tags"];

    public IReadOnlyList<string> GivenNames => _sections["given"];

    public IReadOnlyList<string> FamilyNames => _sections["family"];

    public IReadOnlyList<string> Places => _sections["places"];

    public IReadOnlyList<string> Bios => _sections["bios"];

    /// <summary>A phrase, its {placeholders} filled from the sections they name.</summary>
    public string Phrase(ref Randomness random)
    {
        var phrase = random.Pick(_sections["phrases"]);
        while (phrase.IndexOf('{', StringComparison.Ordinal) is var open and >= 0)
        {
            var close = phrase.IndexOf('}', open);
            var filling = random.Pick(_sections[phrase[(open + 1)..close]]);
            phrase = string.Concat(phrase.AsSpan(0, open), filling, phrase.AsSpan(close + 1));
        }

        return phrase;
    }

    private static Language Load(string code, double share)
    {
        using var resource = typeof(Language).Assembly.GetManifestResourceStream($"stock/{code}.txt")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        var sections = new Dictionary<string, string[]>();
        string? section = null;
        var lines = new List<string>();
        while (true)
        {
            var line = reader.ReadLine();
            if (line is null || line.StartsWith('['))
            {
                if (section is not null)
                {
                    sections[section] = [.. lines];
                }

                lines.Clear();
                section = line?[1..^1];
            }
            else
            {
                lines.Add(line);
            }

            if (line is null)
            {
                return new Language(code, share, sections);
            }
        }
    }
}
