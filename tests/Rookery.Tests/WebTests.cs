using System.Net;
using System.Text.Json;
using Rookery.Tests;

namespace Rookery.Command.Tests;

/// <summary>What the HTTP port of a whole run serves beside the broker.</summary>
public sealed class WebTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-").FullName;
    private readonly HttpClient _client = new() { Timeout = RookeryProcess.Deadline };
    private RookeryProcess _run = null!;

    public async Task InitializeAsync()
    {
        _run = RookeryProcess.Start(
            "run", "--data", _data, "--broker-port", "0", "--viewer-port", "0", "--feed-port", "0", "--rate", "50", "--panic", "0", "--seed", "1");
        _client.BaseAddress = new Uri((await _run.LineAsync(l => l.StartsWith("page on ", StringComparison.Ordinal))).Split(' ')[2]);
    }

    [Fact]
    public async Task The_document_describes_what_runs_beside_the_broker_too()
    {
        using var document = JsonDocument.Parse(await _client.GetStringAsync(new Uri("api/openapi.json", UriKind.Relative)));
        var paths = document.RootElement.GetProperty("paths");
        foreach (var path in new[] { "/", "/{file}", "/api/live", "/api/status", "/api/pipeline/pause", "/api/pipeline/resume", "/api/pipeline/kill", "/api/topics/{topic}/events" })
        {
            Assert.True(paths.TryGetProperty(path, out _), path);
        }
    }

    [Fact]
    public async Task A_parameter_that_is_not_in_the_document_is_refused_by_every_route_of_the_run()
    {
        await DescribedParameters.CheckAsync(_client, await _client.GetStringAsync(new Uri("api/openapi.json", UriKind.Relative)));
    }

    [Fact]
    public async Task Files_of_the_page_are_kept_by_browsers_until_they_change()
    {
        foreach (var (path, type) in new[] { ("", "text/html"), ("app.js", "text/javascript"), ("page.css", "text/css"), ("icon.svg", "image/svg+xml") })
        {
            using var first = await _client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal((HttpStatusCode.OK, type), (first.StatusCode, first.Content.Headers.ContentType!.MediaType));
            Assert.Contains("script-src 'self'", first.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            using var again = new HttpRequestMessage(HttpMethod.Get, path);
            again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            using var second = await _client.SendAsync(again);
            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        }

        using var none = await _client.GetAsync(new Uri("none.js", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task No_figure_is_told_twice()
    {
        await UntilAsync(status => status.GetProperty("broker").GetProperty("published").GetInt64() > 0);
        var lines = (await _client.GetStringAsync(new Uri("metrics", UriKind.Relative))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, l => l.StartsWith("rookery_pipeline_scored_total ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("rookery_topic_events{", StringComparison.Ordinal));

        // Of a comment its word and the name, of a figure its name and labels.
        var told = lines.Select(l => l[0] == '#' ? string.Join(' ', l.Split(' ')[..3]) : l[..l.LastIndexOf(' ')]).ToList();
        Assert.Equal(told.Distinct(), told);
    }

    [Fact]
    public async Task A_kill_message_is_counted_as_a_crash_and_tweets_go_on()
    {
        Assert.Equal(0, Crashes(await StatusAsync()));
        using var kill = await _client.PostAsync(new Uri("api/pipeline/kill", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.NoContent, kill.StatusCode);
        var after = await UntilAsync(status => Crashes(status) == 1);
        var scored = after.GetProperty("tweets").GetProperty("scored").GetInt64();
        await UntilAsync(status => status.GetProperty("tweets").GetProperty("scored").GetInt64() > scored);
        Assert.Contains("rookery_pipeline_crashes_total 1", await _client.GetStringAsync(new Uri("metrics", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_events_tell_what_was_before_then_status_tweets_and_topics_and_a_stop_ends_them()
    {
        // The figures are remembered each second, whether anybody looks or not.
        var began = (await StatusAsync()).GetProperty("uptime_s").GetDouble();
        await UntilAsync(status => status.GetProperty("uptime_s").GetDouble() > began + 3);
        using var response = await _client.GetAsync(new Uri("api/live", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("event: history", await reader.ReadLineAsync().WaitAsync(RookeryProcess.Deadline));
        using (var history = JsonDocument.Parse((await reader.ReadLineAsync())!["data: ".Length..]))
        {
            Assert.InRange(history.RootElement.GetArrayLength(), 2, 121);
            Assert.True(history.RootElement[1].GetProperty("tweets").GetProperty("store").GetProperty("batch").GetInt32() >= 0);
        }

        var awaited = new HashSet<string> { "event: status", "event: tweets", "event: topics" };
        while (awaited.Count > 0)
        {
            awaited.Remove((await reader.ReadLineAsync().WaitAsync(RookeryProcess.Deadline))!);
        }

        await _run.SignalAsync("INT");
        await reader.ReadToEndAsync().WaitAsync(RookeryProcess.Deadline);
        await _run.SucceedAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _run.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private static long Crashes(JsonElement status) => status.GetProperty("tweets").GetProperty("crashes").GetInt64();

    private async Task<JsonElement> StatusAsync()
    {
        using var document = JsonDocument.Parse(await _client.GetStringAsync(new Uri("api/status", UriKind.Relative)));
        return document.RootElement.Clone();
    }

    private async Task<JsonElement> UntilAsync(Func<JsonElement, bool> holds)
    {
        for (var i = 0; i < 600; i++)
        {
            var status = await StatusAsync();
            if (holds(status))
            {
                return status;
            }

            await Task.Delay(100);
        }

        throw new TimeoutException("the status did not come to what was awaited");
    }
}
