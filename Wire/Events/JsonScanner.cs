using System.Buffers;

namespace Rookery.Wire;

/// <summary>
/// Checks JSON text (RFC 8259) in one pass without decoding it, and notes whether it has white space between tokens.
/// The bytes are known to be valid UTF-8. An escape of a lone surrogate is valid JSON text and passes.
/// </summary>
internal ref struct JsonScanner(ReadOnlySpan<byte> json)
{
    /// <summary>Deepest nesting of arrays and objects.</summary>
    public const int MaxDepth = 64;

    private static readonly SearchValues<byte> EndsRun = SearchValues.Create(
        [(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    private readonly ReadOnlySpan<byte> _json = json;

    /// <summary>Where the next token begins; after a fault, where it is.</summary>
    public int At { get; private set; }

    /// <summary>White space was passed over since it was last cleared.</summary>
    public bool SawSpace { get; set; }

    /// <summary>What is wrong, once a method returned false.</summary>
    public string? Fault { get; private set; }

    /// <summary>Nesting went beyond <see cref="MaxDepth"/>.</summary>
    public bool TooDeep { get; private set; }

    /// <summary>The first byte of the next token, 0 at the end.</summary>
    public byte Peek()
    {
        while (At < _json.Length)
        {
            var c = _json[At];
            if (c is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return c;
            }

            SawSpace = true;
            At++;
        }

        return 0;
    }

    /// <summary>Passes over one byte that must be this one.</summary>
    public bool Take(byte expected, string orElse)
    {
        if (Peek() != expected)
        {
            return Fail(orElse);
        }

        At++;
        return true;
    }

    /// <summary>Passes over a value of any kind.</summary>
    public bool TakeValue(int depth = 0)
    {
        // Bit n of these: level n is an object. An own stack, so that depth costs nothing and cannot overflow.
        var objects = 0UL;
        var start = depth;
        while (true)
        {
            switch (Peek())
            {
                case (byte)'"':
                    if (!TakeString())
                    {
                        return false;
                    }

                    break;
                case (byte)'{':
                case (byte)'[':
                    if (depth == MaxDepth)
                    {
                        TooDeep = true;
                        return Fail("too deep");
                    }

                    var isObject = _json[At++] == '{';
                    if (Peek() == (isObject ? '}' : ']'))
                    {
                        At++;
                        break;
                    }

                    objects = isObject ? objects | (1UL << depth) : objects & ~(1UL << depth);
                    depth++;
                    if (isObject && !TakeName())
                    {
                        return false;
                    }

                    continue;
                case (byte)'t':
                    if (!TakeWord("true"u8))
                    {
                        return false;
                    }

                    break;
                case (byte)'f':
                    if (!TakeWord("false"u8))
                    {
                        return false;
                    }

                    break;
                case (byte)'n':
                    if (!TakeWord("null"u8))
                    {
                        return false;
                    }

                    break;
                default:
                    if (!TakeNumber())
                    {
                        return false;
                    }

                    break;
            }

            // A value is complete: close what ends behind it, or go on to the next member.
            while (true)
            {
                if (depth == start)
                {
                    return true;
                }

                var inObject = (objects & (1UL << (depth - 1))) != 0;
                var next = Peek();
                if (next == ',')
                {
                    At++;
                    if (inObject && !TakeName())
                    {
                        return false;
                    }

                    break;
                }

                if (next != (inObject ? '}' : ']'))
                {
                    return Fail(inObject ? "expected , or }" : "expected , or ]");
                }

                At++;
                depth--;
            }
        }
    }

    /// <summary>Passes over a string, quotes included.</summary>
    public bool TakeString()
    {
        if (!Take((byte)'"', "expected a string"))
        {
            return false;
        }

        while (true)
        {
            var run = _json[At..].IndexOfAny(EndsRun);
            if (run < 0)
            {
                At = _json.Length;
                return Fail("a string without end");
            }

            At += run;
            switch (_json[At])
            {
                case (byte)'"':
                    At++;
                    return true;
                case (byte)'\\':
                    if (!TakeEscape())
                    {
                        return false;
                    }

                    break;
                default:
                    return Fail("a control character in a string");
            }
        }
    }

    /// <summary>Passes over the name of a member and its colon.</summary>
    public bool TakeName() => TakeString() && Take((byte)':', "expected :");

    private bool TakeEscape()
    {
        At++;
        switch (At < _json.Length ? _json[At] : 0)
        {
            case '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't':
                At++;
                return true;
            case 'u' when _json.Length - At > 4:
                for (var i = 1; i <= 4; i++)
                {
                    if (!char.IsAsciiHexDigit((char)_json[At + i]))
                    {
                        return Fail("a bad escape");
                    }
                }

                At += 5;
                return true;
            default:
                return Fail("a bad escape");
        }
    }

    private bool TakeWord(ReadOnlySpan<byte> word)
    {
        if (!_json[At..].StartsWith(word))
        {
            return Fail("expected a value");
        }

        At += word.Length;
        return true;
    }

    private bool TakeNumber()
    {
        var from = At;
        if (Here == '-')
        {
            At++;
        }

        if (Here == '0')
        {
            At++;
        }
        else if (!TakeDigits())
        {
            return Fail(from == At ? "expected a value" : "a bad number");
        }

        if (Here == '.')
        {
            At++;
            if (!TakeDigits())
            {
                return Fail("a bad number");
            }
        }

        if (Here is (byte)'e' or (byte)'E')
        {
            At++;
            if (Here is (byte)'+' or (byte)'-')
            {
                At++;
            }

            if (!TakeDigits())
            {
                return Fail("a bad number");
            }
        }

        return true;
    }

    private readonly byte Here => At < _json.Length ? _json[At] : (byte)0;

    private bool TakeDigits()
    {
        var from = At;
        while (char.IsAsciiDigit((char)Here))
        {
            At++;
        }

        return At > from;
    }

    private bool Fail(string what)
    {
        Fault ??= what;
        return false;
    }
}
