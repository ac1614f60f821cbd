using System.Security.Cryptography;
using System.Text;

namespace Rookery.Wire;

/// <summary>
/// The tokens a server knows, each with the rights of its holder; read from JSON as <c>docs/PROTOCOL-EXPLAINED.md</c> shows it.
/// Only hashes of the tokens are kept.
/// </summary>
public sealed class AccessList
{
    /// <summary>Most tokens of a list.</summary>
    public const int MaxTokens = 10_000;

    private readonly byte[] _hashes;
    private readonly Grant[] _grants;

    internal AccessList(IReadOnlyList<(byte[] Hash, Grant Grant)> tokens, Grant? anonymous)
    {
        _hashes = [.. tokens.SelectMany(t => t.Hash)];
        _grants = [.. tokens.Select(t => t.Grant)];
        Anonymous = anonymous;
    }

    /// <summary>Tokens in it.</summary>
    public int Count => _grants.Length;

    /// <summary>Whether those without a token are let in, with the rights of <c>anonymous</c>.</summary>
    public bool LetsAnonymousIn => Anonymous is not null;

    internal Grant? Anonymous { get; }

    /// <summary>Reads a list.</summary>
    /// <param name="json">The JSON, in UTF-8.</param>
    /// <exception cref="FormatException">It is not as it has to be; the message says where and what is allowed.</exception>
    public static AccessList Parse(ReadOnlyMemory<byte> json) => AccessJson.Read(json);

    /// <summary>Reads a list from a file, which on Unix other users must not be able to read or change.</summary>
    /// <exception cref="IOException">It cannot be read, or others can; the message says what to do.</exception>
    /// <exception cref="FormatException">It is not as it has to be; the message names the file, where and what is allowed.</exception>
    public static AccessList Load(string path)
    {
        var json = SecretFile.Read(path);
        try
        {
            return Parse(json);
        }
        catch (FormatException wrong)
        {
            throw new FormatException($"{path}: {wrong.Message}", wrong);
        }
    }

    /// <summary>
    /// Whom a token belongs to; null for nobody. Takes the same time for every token of a length: it tells neither which
    /// matched nor how much of one did.
    /// </summary>
    internal Grant? Find(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(token, hash);
        var found = -1;
        for (var i = 0; i < _grants.Length; i++)
        {
            var known = _hashes.AsSpan(i * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes);
            found = CryptographicOperations.FixedTimeEquals(known, hash) ? i : found;
        }

        return found < 0 ? null : _grants[found];
    }

    internal static void Hash(string token, Span<byte> hash) => SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
}
