namespace Rookery.Command.Tests;

public sealed class HealthCommandTests
{
    [Fact]
    public async Task What_is_no_run_is_told_and_not_quoted()
    {
        await using var source = new TweetSource();
        source.Answer("404 Not Found", "text/html", "<html>somebody else's page</html>");
        source.Listen();
        var shell = new Shell();
        Assert.Equal(ExitCode.Failed, await shell.RunAsync("health", "--url", source.Uri));
        Assert.Equal($"rookery: what answers on {source.Uri}/ is something else: it says 404 with text/html to /health/ready\n", shell.Error);
        Assert.Empty(shell.Out);
    }

    [Theory]
    [InlineData("{\"host\": \"127.0.0.2\", \"tls-cert\": \"cert.pem\"}", "https://127.0.0.2:1/")]
    [InlineData("{\"host\": \"*\"}", "http://127.0.0.1:1/")]
    [InlineData("{\"host\": \"::\"}", "http://[::1]:1/")]
    public async Task It_asks_where_the_environment_and_the_file_of_a_run_have_it_listen(string text, string address)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text);
        var shell = new Shell { Variables = new() { ["ROOKERY_HTTP_PORT"] = "1", ["ROOKERY_SETTINGS"] = file } };
        Assert.Equal(ExitCode.Failed, await shell.RunAsync("health"));
        File.Delete(file);
        Assert.StartsWith($"rookery: nothing answers on {address}: ", shell.Error, StringComparison.Ordinal);
    }
}
