using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Rookery.Wire.Tests;

public sealed class JsonScannerTests
{
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\t", "\r", "\"a\"", "\"\\u00e9\"", "\"\\ud800\"", "\\u12", "\"\\x\"", "1", "-", "0", "01",
        "-0.5e+7", "1.", ".5", "1e", "true", "false", "null", "nul", "é", "{\"a\":1}", "[1,2]", "{}", "[]", "\u0001", "/", "NaN",
    ];

    [Fact]
    public void It_accepts_exactly_what_a_full_JSON_reader_accepts()
    {
        var texts = Gen.Elements(Pieces).ListOf().Select(string.Concat).ToArbitrary();
        var nested = Gen.Sized(Value).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000), Prop.ForAll(texts, text => Accepts(text) == IsJson(text)));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(nested, text => Accepts(text) && IsJson(text)));
    }

    [Fact]
    public void Depth_is_bounded()
    {
        static string Nested(int levels) => new string('[', levels) + new string(']', levels);
        Assert.True(Accepts(Nested(JsonScanner.MaxDepth)));
        Assert.False(Accepts(Nested(JsonScanner.MaxDepth + 1)));
        Assert.False(Accepts(new string('[', 1_000_000)));
    }

    [Fact]
    public void Compacting_takes_away_only_the_white_space_between_tokens()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(Gen.Sized(Value).ToArbitrary(), text =>
        {
            var buffer = new ByteBuffer();
            JsonText.Compact(Encoding.UTF8.GetBytes(text), buffer);
            var compact = Encoding.UTF8.GetString(buffer.Span);
            return JsonElement.DeepEquals(JsonDocument.Parse(compact).RootElement, JsonDocument.Parse(text).RootElement)
                && JsonSerializer.Serialize(JsonDocument.Parse(compact).RootElement).Length <= compact.Length * 6;
        }));
        var spaced = new ByteBuffer();
        JsonText.Compact("{ \"a b\" : [ 1 , \"x \\\" y\" ]\t}"u8, spaced);
        Assert.Equal("{\"a b\":[1,\"x \\\" y\"]}", Encoding.UTF8.GetString(spaced.Span));
    }

    private static Gen<string> Value(int size)
    {
        var plain = Gen.Elements("1", "-2.5e3", "true", "null", "\"a \\\" b\"", "\"\\\\\"", "\" \"", "\"é\\ud83d\\udc26\"");
        if (size < 2)
        {
            return plain;
        }

        var space = Gen.Elements("", " ", "\t ", "\r");
        var items = Value(size / 3).ListOf(3);
        var array = items.Zip(space).Select(x => $"[{x.Item2}{string.Join($"{x.Item2},", x.Item1)}{x.Item2}]");
        var members = items.Zip(space).Select(x => $"{{{x.Item2}{string.Join($",{x.Item2}", x.Item1.Select((v, i) => $"\"k{i}\"{x.Item2}:{v}"))}}}");
        return Gen.OneOf(plain, array, members);
    }

    private static bool Accepts(string text)
    {
        var scanner = new JsonScanner(Encoding.UTF8.GetBytes(text));
        return scanner.TakeValue() && scanner.Peek() == 0 && scanner.At == Encoding.UTF8.GetByteCount(text);
    }

    private static bool IsJson(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        try
        {
            while (reader.Read())
            {
            }

            return reader.TokenType != JsonTokenType.None;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
