using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Rookery.Broker;

/// <summary>
/// An id by its text, in 16 bytes: up to 15 bytes of text stand there as they are, up to 30 digits as two in a byte (tweets have
/// 18 or 19, and a hash for each would be dear), and of any other the first 15 bytes of its SHA-256, which no two texts share.
/// </summary>
internal readonly record struct EventId
{
    private const int Inline = 15;
    private const byte Hashed = 0xff;

    /// <summary>Beside the number of digits.</summary>
    private const byte Digits = 0x80;

    private readonly ulong _low;
    private readonly ulong _high;

    private EventId(ReadOnlySpan<byte> sixteen)
    {
        _low = MemoryMarshal.Read<ulong>(sixteen);
        _high = MemoryMarshal.Read<ulong>(sixteen[8..]);
    }

    /// <summary>The id of a text.</summary>
    public static EventId FromText(ReadOnlySpan<byte> text)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        if (text.Length <= Inline)
        {
            bytes.Clear();
            text.CopyTo(bytes);
            bytes[Inline] = (byte)text.Length;
        }
        else if (text.Length <= 2 * Inline && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            bytes.Clear();
            for (var i = 0; i < text.Length; i++)
            {
                bytes[i / 2] |= (byte)((text[i] - '0') << (i % 2 * 4));
            }

            bytes[Inline] = (byte)(Digits | text.Length);
        }
        else
        {
            SHA256.HashData(text, bytes);
            bytes[Inline] = Hashed;
        }

        return new EventId(bytes);
    }

    /// <summary>The id of a JSON token: of a string its decoded text, of anything else the text as it stands.</summary>
    public static EventId FromToken(ReadOnlySpan<byte> token)
    {
        if (token.Length < 2 || token[0] != '"')
        {
            return FromText(token);
        }

        var text = token[1..^1];
        return text.Contains((byte)'\\') ? FromEscaped(token) : FromText(text);
    }

    /// <summary>A number for hash tables that outsiders cannot foresee.</summary>
    public int Bucket(ulong seed)
    {
        var mixed = (_low ^ seed) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 32) ^ _high ^ (seed << 1)) * 0x9E3779B97F4A7C15;
        return (int)(mixed >> 33);
    }

    private static EventId FromEscaped(ReadOnlySpan<byte> token)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(token.Length);
        try
        {
            var reader = new Utf8JsonReader(token);
            return reader.Read() && reader.TokenType == JsonTokenType.String
                ? FromText(buffer.AsSpan(0, reader.CopyString(buffer)))
                : FromText(token[1..^1]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or half of a surrogate pair: it can only be meant as it stands.
            return FromText(token[1..^1]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
