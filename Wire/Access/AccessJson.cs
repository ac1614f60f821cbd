using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// Reads <c>{"tokens":[{"owner":...,"sha256":...,"publish":[...],...},...],"anonymous":{...}}</c>. A field that is not known
/// is refused: mistyped, it would give or take rights in silence. No message shows a token.
/// </summary>
internal static class AccessJson
{
    private const int ShortestToken = 16;
    private const int LongestToken = 512;
    private static readonly string[] ListFields = ["tokens", "anonymous"];
    private static readonly string[] RightFields = ["publish", "subscribe", "administer"];
    private static readonly string[] TokenFields = ["owner", "token", "sha256", .. RightFields];

    /// <exception cref="FormatException">It is not as it has to be.</exception>
    public static AccessList Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return ReadList(document.RootElement);
        }
        catch (JsonException wrong)
        {
            // Of its message nothing is shown but the place: it may quote what should stay secret.
            throw new FormatException($"the tokens are not JSON: see line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine}", wrong);
        }
        catch (InvalidOperationException wrong)
        {
            throw new FormatException("the tokens are not JSON: a text has a lone surrogate", wrong);
        }
    }

    private static AccessList ReadList(JsonElement list)
    {
        Require(list, "the list", ListFields);
        var tokens = new List<(byte[] Hash, Grant Grant)>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        if (list.TryGetProperty("tokens", out var entries))
        {
            RequireKind(entries, JsonValueKind.Array, "tokens", "an array");
            foreach (var entry in entries.EnumerateArray())
            {
                var where = $"tokens[{tokens.Count}]";
                if (tokens.Count == AccessList.MaxTokens)
                {
                    throw new FormatException($"{where} is too much; allowed are at most {AccessList.MaxTokens} tokens");
                }

                Require(entry, where, TokenFields);
                var hash = ReadHash(entry, where);
                if (!known.Add(Convert.ToHexString(hash)))
                {
                    throw new FormatException($"{where} has the token of one before it");
                }

                tokens.Add((hash, ReadRights(entry, where, ReadOwner(entry, where))));
            }
        }

        Grant? anonymous = null;
        if (list.TryGetProperty("anonymous", out var rights))
        {
            Require(rights, "anonymous", RightFields);
            anonymous = ReadRights(rights, "anonymous", owner: null);
        }

        return tokens.Count == 0 && anonymous is null
            ? throw new FormatException("the list has neither tokens nor anonymous: nobody could do anything")
            : new AccessList(tokens, anonymous);
    }

    private static string ReadOwner(JsonElement entry, string where)
    {
        var owner = Text(entry, "owner", where);
        return owner is not null && TopicName.TryParse(owner, out _)
            ? owner
            : throw new FormatException($"{where}.owner must be {TopicName.Rule}");
    }

    private static byte[] ReadHash(JsonElement entry, string where)
    {
        var plain = Text(entry, "token", where);
        var hashed = Text(entry, "sha256", where);
        if (plain is null == hashed is null)
        {
            throw new FormatException($"{where} must have either token or sha256");
        }

        var hash = new byte[SHA256.HashSizeInBytes];
        if (plain is not null)
        {
            var bytes = Encoding.UTF8.GetByteCount(plain);
            if (bytes is < ShortestToken or > LongestToken)
            {
                throw new FormatException($"{where}.token has {bytes} bytes; allowed are {ShortestToken} to {LongestToken}, drawn at random (openssl rand -hex 32)");
            }

            AccessList.Hash(plain, hash);
            return hash;
        }

        return hashed!.Length == 2 * hash.Length && Convert.FromHexString(hashed, hash, out _, out _) == System.Buffers.OperationStatus.Done
            ? hash
            : throw new FormatException($"{where}.sha256 must be 64 hexadecimal digits (printf %s TOKEN | sha256sum)");
    }

    private static Grant ReadRights(JsonElement entry, string where, string? owner) =>
        new(owner, ReadTopics(entry, "publish", where), ReadTopics(entry, "subscribe", where), ReadTopics(entry, "administer", where));

    private static TopicPatterns ReadTopics(JsonElement entry, string right, string where)
    {
        if (!entry.TryGetProperty(right, out var topics))
        {
            return TopicPatterns.None;
        }

        RequireKind(topics, JsonValueKind.Array, $"{where}.{right}", "an array of topics");
        try
        {
            return new TopicPatterns(topics.EnumerateArray().Select(t =>
                t.ValueKind == JsonValueKind.String ? t.GetString()! : throw new FormatException("a topic must be a string")));
        }
        catch (FormatException wrong)
        {
            throw new FormatException($"{where}.{right}: {wrong.Message}", wrong);
        }
    }

    private static string? Text(JsonElement entry, string field, string where)
    {
        if (!entry.TryGetProperty(field, out var value))
        {
            return null;
        }

        RequireKind(value, JsonValueKind.String, $"{where}.{field}", "a string");
        return value.GetString();
    }

    private static void Require(JsonElement element, string where, string[] fields)
    {
        RequireKind(element, JsonValueKind.Object, where, "an object");
        foreach (var field in element.EnumerateObject())
        {
            if (!fields.Contains(field.Name, StringComparer.Ordinal))
            {
                throw new FormatException($"{where} has a field that is not known; allowed are {string.Join(", ", fields)}");
            }
        }
    }

    private static void RequireKind(JsonElement element, JsonValueKind kind, string where, string allowed)
    {
        if (element.ValueKind != kind)
        {
            throw new FormatException($"{where} must be {allowed}");
        }
    }
}
