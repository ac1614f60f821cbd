using System.Text;

namespace Rookery.Wire.Tests;

public sealed class EventParserTests
{
    [Theory]
    [InlineData("{\"id\":\"1\",\"msg\":\"x\"}", "\"1\"", "\"x\"", 0, 0, 0)]
    [InlineData(" { \"msg\" : [ 1 ] , \"id\" : 12.5e3 } ", "12.5e3", "[ 1 ]", 0, 0, 0)]
    [InlineData("{\"id\":\"1\",\"msg\":1,\"priority\":-128,\"ttl_ms\":5,\"n\":9223372036854775807}", "\"1\"", "1", -128, 5, long.MaxValue)]
    [InlineData("{\"id\":\"1\",\"msg\":1,\"priority\":127,\"id\":\"2\",\"priority\":3,\"msg\":null}", "\"2\"", "null", 3, 0, 0)]
    [InlineData("{\"\\u0069d\":\"1\",\"\\u006dsg\":1,\"x\\u\\u0069d\":7}", null, null, 0, 0, 0)]
    [InlineData("{\"\\u0069d\":\"1\",\"\\u006dsg\":1,\"other\\n\":{\"id\":5}}", "\"1\"", "1", 0, 0, 0)]
    [InlineData("{\"id\":\"\\u0023\\u0020x\",\"msg\":\"\\ud800\"}", null, null, 0, 0, 0)]
    public void A_payload_is_read_in_one_pass(string json, string? id, string? message, int priority, long ttl, long number)
    {
        var fault = EventParser.Read(Encoding.UTF8.GetBytes(json), 256, 1000, numbered: true, out var read);
        if (id is null)
        {
            Assert.StartsWith("error: bad event: ", fault, StringComparison.Ordinal);
            return;
        }

        Assert.Null(fault);
        Assert.Equal(id, Encoding.UTF8.GetString(read.Id));
        Assert.Equal(message, Encoding.UTF8.GetString(read.Message));
        Assert.Equal((priority, ttl, number), (read.Priority, read.TimeToLiveMs, read.Number));
    }

    [Theory]
    [InlineData("", "error: bad event: not a JSON object: expected { at byte 0")]
    [InlineData("[1]", "error: bad event: not a JSON object: expected { at byte 0")]
    [InlineData("{\"id\":\"1\"", "error: bad event: not a JSON object: expected , or } at byte 9")]
    [InlineData("{\"id\" \"1\"}", "error: bad event: not a JSON object: expected : at byte 6")]
    [InlineData("{\"id\":\"1\",}", "error: bad event: not a JSON object: expected a string at byte 10")]
    [InlineData("{\"id\":\"1", "error: bad event: not a JSON object: a string without end at byte 8")]
    [InlineData("{\"id\":\"\\q\"}", "error: bad event: not a JSON object: a bad escape at byte 8")]
    [InlineData("{\"id\":\"a\tb\"}", "error: bad event: not a JSON object: a control character in a string at byte 8")]
    [InlineData("{\"id\":01}", "error: bad event: not a JSON object: expected , or } at byte 7")]
    [InlineData("{\"id\":x}", "error: bad event: not a JSON object: expected a value at byte 6")]
    [InlineData("{\"id\":1,\"msg\":2} {}", "error: bad event: not a JSON object: more behind the object at byte 17")]
    [InlineData("{}", Errors.EventWithoutId)]
    [InlineData("{\"msg\":1}", Errors.EventWithoutId)]
    [InlineData("{\"id\":\"1\"}", Errors.EventWithoutMessage)]
    [InlineData("{\"id\":null,\"msg\":1}", Errors.EventIdType)]
    [InlineData("{\"id\":{},\"msg\":1}", Errors.EventIdType)]
    [InlineData("{\"id\":\"\",\"msg\":1}", "error: bad event: id has 0 bytes; allowed are 1 to 256")]
    [InlineData("{\"id\":\"1\",\"msg\":1,\"priority\":128}", "error: bad event: priority is 128; it is an integer from -128 to 127")]
    [InlineData("{\"id\":\"1\",\"msg\":1,\"priority\":1.0}", "error: bad event: priority is 1.0; it is an integer from -128 to 127")]
    [InlineData("{\"id\":\"1\",\"msg\":1,\"priority\":1e1}", "error: bad event: priority is 1e1; it is an integer from -128 to 127")]
    [InlineData("{\"id\":\"1\",\"msg\":1,\"priority\":\"3\"}", "error: bad event: priority is \"3\"; it is an integer from -128 to 127")]
    [InlineData("{\"id\":\"1\",\"msg\":1,\"priority\":null}", "error: bad event: priority is null; it is an integer from -128 to 127")]
    [InlineData("{\"id\":\"1\",\"msg\":1,\"ttl_ms\":-1}", "error: bad event: ttl_ms is -1; it is an integer from 0 to 9007199254740991, 0 for ever")]
    [InlineData("{\"id\":\"1\",\"msg\":1,\"n\":0}", "error: bad event: n is 0; it is an integer from 1 to 9223372036854775807")]
    public void A_fault_is_named_with_what_is_allowed(string json, string fault) =>
        Assert.Equal(fault, EventParser.Read(Encoding.UTF8.GetBytes(json), 256, 1000, numbered: true, out _));

    [Theory]
    [InlineData("#1", "a leading #")]
    [InlineData(" 1", "a space at an end")]
    [InlineData("1 ", "a space at an end")]
    [InlineData("a\\nb", "a control character")]
    [InlineData("a\\u007f", "a control character")]
    [InlineData("\\u0085", "a control character")]
    [InlineData("\\ud800", "a lone surrogate")]
    [InlineData("\\udc26\\ud83d", "a lone surrogate")]
    public void An_id_that_could_not_be_typed_is_refused(string id, string what) => Assert.Equal(
        Errors.Fill(Errors.EventIdText, what),
        EventParser.Read(Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\",\"msg\":1}}"), 256, 1000, numbered: false, out _));

    [Fact]
    public void Sizes_are_bounded_by_text_of_the_id_and_JSON_of_the_message()
    {
        static string? Fault(string id, string message) =>
            EventParser.Read(Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\",\"msg\":{message}}}"), 256, 1000, numbered: false, out _);

        Assert.Null(Fault(new string('x', 256), "1"));
        Assert.Null(Fault(string.Concat(Enumerable.Repeat("\\u0061", 256)), "1"));
        Assert.Equal("error: bad event: id has 257 bytes; allowed are 1 to 256", Fault(new string('x', 257), "1"));
        Assert.Equal("error: bad event: id has 258 bytes; allowed are 1 to 256", Fault(new string('é', 129), "1"));
        Assert.Equal("error: bad event: id has more than 256 bytes; allowed are 1 to 256", Fault(new string('x', 5000), "1"));
        Assert.Null(Fault("1", $"\"{new string('x', 998)}\""));
        Assert.Equal("error: bad event: msg has 1001 bytes; allowed are at most 1000", Fault("1", $"\"{new string('x', 999)}\""));
        Assert.Equal(
            "error: bad event: JSON deeper than 64 levels",
            Fault("1", new string('[', 64) + new string(']', 64)));
    }
}
