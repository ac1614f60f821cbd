using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>A set of topics: names as they are, beginnings that end in <c>*</c>, or <c>*</c> for all.</summary>
internal sealed class TopicPatterns
{
    public static readonly TopicPatterns None = new([]);
    public static readonly TopicPatterns Everything = new(["*"]);

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _beginnings = [];

    /// <exception cref="FormatException">One is no pattern; the message shows it.</exception>
    public TopicPatterns(IEnumerable<string> patterns)
    {
        foreach (var pattern in patterns)
        {
            var isBeginning = pattern.EndsWith('*');
            var text = isBeginning ? pattern[..^1] : pattern;
            if (!TopicName.TryParse(text, out _) && !(isBeginning && text is "" or "." or ".."))
            {
                throw new FormatException($"'{pattern}' is no topic, beginning such as news.*, or *; a topic is {TopicName.Rule}");
            }

            if (text.Length == 0)
            {
                IsEverything = true;
            }
            else if (isBeginning)
            {
                _beginnings.Add(text);
            }
            else
            {
                _names.Add(text);
            }
        }
    }

    public bool IsEmpty => !IsEverything && _names.Count == 0 && _beginnings.Count == 0;

    public bool IsEverything { get; }

    public bool Contains(string topic) =>
        IsEverything || _names.Contains(topic) || _beginnings.Exists(b => topic.StartsWith(b, StringComparison.Ordinal));
}
