using System.Security.Cryptography;
using System.Text;

namespace Rookery.Wire.Tests;

public sealed class AccessListTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_token_is_known_plain_or_hashed_and_only_whole()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData("the second token of two"u8));
        var list = Parse($$"""
            {"tokens":[{"owner":"a","token":"the first token of two"},{"owner":"b","sha256":"{{hash}}"}]}
            """);
        Assert.Equal(("a", "b"), (list.Find("the first token of two")?.Owner, list.Find("the second token of two")?.Owner));
        foreach (var wrong in new[] { "", "the first token of tw", "the first token of two ", "The first token of two", hash, "*" })
        {
            Assert.Null(list.Find(wrong));
        }

        Assert.False(list.LetsAnonymousIn);
        Assert.Equal(2, list.Count);
    }

    [Theory]
    [InlineData("news", true, false, true)]
    [InlineData("news.", true, true, true)]
    [InlineData("news.sport", true, true, true)]
    [InlineData("News.sport", true, false, false)]
    [InlineData("newspaper", true, false, false)]
    [InlineData("t", true, false, false)]
    public void Rights_go_by_whole_names_by_beginnings_or_for_all(string topic, bool everything, bool beginning, bool some)
    {
        Assert.Equal(everything, new TopicPatterns(["*"]).Contains(topic));
        Assert.Equal(beginning, new TopicPatterns(["news.*"]).Contains(topic));
        Assert.Equal(some, new TopicPatterns(["news", "x", "news.*"]).Contains(topic));
        Assert.False(TopicPatterns.None.Contains(topic));
    }

    [Theory]
    [InlineData("", "the tokens are not JSON: see line 1, byte 0")]
    [InlineData("{\"tokens\":[\n {\"owner\":\"a\",\"token\":\"secret secret secret\"]}", "the tokens are not JSON: see line 2, byte 44")]
    [InlineData("[]", "the list must be an object")]
    [InlineData("{}", "the list has neither tokens nor anonymous: nobody could do anything")]
    [InlineData("{\"tokens\":[]}", "the list has neither tokens nor anonymous: nobody could do anything")]
    [InlineData("{\"tokens\":{}}", "tokens must be an array")]
    [InlineData("{\"token\":[]}", "the list has a field that is not known; allowed are tokens, anonymous")]
    [InlineData("{\"tokens\":[5]}", "tokens[0] must be an object")]
    [InlineData("{\"tokens\":[{\"token\":\"secret secret secret\"}]}", "tokens[0].owner must be 1 to 200 of A-Z a-z 0-9 . _ - : and neither \".\" nor \"..\"")]
    [InlineData("{\"tokens\":[{\"owner\":\"a/b\",\"token\":\"secret secret secret\"}]}", "tokens[0].owner must be 1 to 200 of A-Z a-z 0-9 . _ - : and neither \".\" nor \"..\"")]
    [InlineData("{\"tokens\":[{\"owner\":\"a\"}]}", "tokens[0] must have either token or sha256")]
    [InlineData("{\"tokens\":[{\"owner\":\"a\",\"token\":\"secret secret secret\",\"sha256\":\"\"}]}", "tokens[0] must have either token or sha256")]
    [InlineData("{\"tokens\":[{\"owner\":\"a\",\"token\":\"secret\"}]}", "tokens[0].token has 6 bytes; allowed are 16 to 512, drawn at random (openssl rand -hex 32)")]
    [InlineData("{\"tokens\":[{\"owner\":\"a\",\"token\":5}]}", "tokens[0].token must be a string")]
    [InlineData("{\"tokens\":[{\"owner\":\"a\",\"sha256\":\"secret secret secret\"}]}", "tokens[0].sha256 must be 64 hexadecimal digits (printf %s TOKEN | sha256sum)")]
    [InlineData("{\"tokens\":[{\"owner\":\"a\",\"token\":\"secret secret secret\"},{\"owner\":\"b\",\"token\":\"secret secret secret\"}]}", "tokens[1] has the token of one before it")]
    [InlineData("{\"anonymous\":{\"publishes\":[\"*\"]}}", "anonymous has a field that is not known; allowed are publish, subscribe, administer")]
    [InlineData("{\"anonymous\":{\"publish\":\"*\"}}", "anonymous.publish must be an array of topics")]
    [InlineData("{\"anonymous\":{\"publish\":[5]}}", "anonymous.publish: a topic must be a string")]
    [InlineData("{\"anonymous\":{\"publish\":[\"a*b\"]}}", "anonymous.publish: 'a*b' is no topic, beginning such as news.*, or *; a topic is 1 to 200 of A-Z a-z 0-9 . _ - : and neither \".\" nor \"..\"")]
    public void A_list_that_is_not_as_it_has_to_be_is_told_without_a_secret(string json, string said)
    {
        var message = Assert.Throws<FormatException>(() => Parse(json)).Message;
        Assert.Equal(said, message);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_twice_is_refused() =>
        Assert.StartsWith("the tokens are not JSON", Assert.Throws<FormatException>(() => Parse("{\"anonymous\":{},\"anonymous\":{\"publish\":[\"*\"]}}")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, "404")]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherWrite, "402")]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, "460")]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, null)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, null)]
    public void A_file_that_others_can_read_or_change_is_refused(UnixFileMode mode, string? shown)
    {
        var path = Path.Combine(_folder, "tokens.json");
        File.WriteAllText(path, "{\"anonymous\":{\"publish\":[\"*\"]}}");
        if (OperatingSystem.IsWindows())
        {
            Assert.True(AccessList.Load(path).LetsAnonymousIn);
            return;
        }

        File.SetUnixFileMode(path, mode);
        if (shown is null)
        {
            Assert.True(AccessList.Load(path).LetsAnonymousIn);
        }
        else
        {
            var error = Assert.Throws<IOException>(() => AccessList.Load(path));
            Assert.Equal($"{path} can be read or changed by other users (its mode is {shown}): chmod 600 {path}", error.Message);
        }
    }

    [Fact]
    public void A_file_is_named_where_it_is_missing_or_wrong()
    {
        var path = Path.Combine(_folder, "none.json");
        Assert.Equal($"cannot read {path}: there is no such file", Assert.Throws<IOException>(() => AccessList.Load(path)).Message);
        File.WriteAllText(path, "[]");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Assert.Equal($"{path}: the list must be an object", Assert.Throws<FormatException>(() => AccessList.Load(path)).Message);
    }

    private static AccessList Parse(string json) => AccessList.Parse(Encoding.UTF8.GetBytes(json));
}
