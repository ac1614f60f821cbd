using System.Text.Json;

namespace Rookery.Command;

/// <summary>
/// A file of settings: a JSON object of names and values, such as <c>{"max-topics": 100, "retain-age": "7d", "no-tweets": true}</c>.
/// Comments and a comma at the end are allowed; <c>null</c> is as good as absent.
/// </summary>
internal sealed class SettingsFile
{
    private const int MostBytes = 1 << 20;

    private static readonly JsonDocumentOptions Reading = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private SettingsFile(string path, Dictionary<string, string> values) => (Path, Values) = (path, values);

    public string Path { get; }

    /// <summary>Values by the names of their settings, as they would stand on the command line.</summary>
    public Dictionary<string, string> Values { get; }

    /// <exception cref="UsageException">It is no object of settings; the message names what is wrong, and what may have been meant.</exception>
    /// <exception cref="FailureException">It cannot be read.</exception>
    public static SettingsFile Read(string path, IReadOnlyList<ISetting> settings)
    {
        try
        {
            using var json = JsonDocument.Parse(Load(path), Reading);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? new SettingsFile(path, ReadValues(path, json.RootElement, settings))
                : throw new UsageException($"{path}: the settings must be a JSON object, such as {{\"max-topics\": 100}}");
        }
        catch (JsonException wrong)
        {
            throw new UsageException($"{path}, line {wrong.LineNumber + 1}: this is no JSON; the settings must be an object, such as {{\"max-topics\": 100}}");
        }
    }

    private static byte[] Load(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return bytes.Length <= MostBytes ? bytes : throw new UsageException($"{path} has {bytes.Length} bytes; a file of settings has at most {MostBytes}");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            var why = failed is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : failed.Message.TrimEnd('.');
            throw new FailureException($"cannot read {path}: {why}. {SettingSources.FileOption}, or {SettingSources.FileVariable}, names the file of settings", failed);
        }
    }

    private static Dictionary<string, string> ReadValues(string path, JsonElement settings, IReadOnlyList<ISetting> known)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in settings.EnumerateObject())
        {
            if (!names.Add(member.Name))
            {
                throw new UsageException($"{path}: '{member.Name}' is there twice; each setting may be there once");
            }

            if (!known.Any(k => k.Key == member.Name))
            {
                throw new UsageException($"{path}: there is no setting '{member.Name}'{Nearest.Hint(member.Name, known.Select(k => k.Key))}. All of them: rookery settings");
            }

            if (Text(member.Value) is { } value)
            {
                values.Add(member.Name, value);
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
            {
                throw new UsageException($"{path}: '{member.Name}' is {member.Value.ValueKind switch { JsonValueKind.Object => "an object", _ => "a list" }}; it must be a text, a number, true or false");
            }
        }

        return values;
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}
