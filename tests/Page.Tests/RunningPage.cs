using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace Rookery.Page.Tests;

/// <summary>A run of the whole program with a browser in front of it, for all tests of the page.</summary>
[CollectionDefinition(nameof(RunningPage))]
public sealed class RunningPage : IAsyncLifetime, ICollectionFixture<RunningPage>
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-page-").FullName;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private RookeryProcess? _run;

    /// <summary>Where the page is.</summary>
    public Uri Address { get; private set; } = null!;

    public HttpClient Client { get; private set; } = new();

    public async Task InitializeAsync()
    {
        if (BrowserFactAttribute.Browser is not { } browser)
        {
            return;
        }

        // No kill messages in the streams: a crash is one that a test asked for.
        _run = RookeryProcess.Start("run", "--data", _data, "--broker-port", "0", "--viewer-port", "0", "--feed-port", "0", "--rate", "30", "--panic", "0", "--seed", "1");
        Address = await AddressAsync(_run);
        Client = new HttpClient { BaseAddress = Address, Timeout = RookeryProcess.Deadline };
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = browser,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            Timeout = (float)RookeryProcess.Deadline.TotalMilliseconds,
        });
    }

    /// <summary>Opens the page, and waits until it is live.</summary>
    public async Task<OpenedPage> OpenAsync(ColorScheme scheme = ColorScheme.Light)
    {
        var opened = await OpenAsync(Address, scheme);
        await opened.SeeAsync("#link[data-state=open]");
        return opened;
    }

    public async Task<OpenedPage> OpenAsync(Uri address, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = 1400, Height = 1500 } });
        context.SetDefaultTimeout((float)RookeryProcess.Deadline.TotalMilliseconds);
        var page = await context.NewPageAsync();
        var opened = new OpenedPage(page, address);
        await page.GotoAsync(address.ToString());
        return opened;
    }

    public async Task PublishAsync(string topic, string id, string message)
    {
        using var answer = await Client.PostAsJsonAsync(new Uri($"api/topics/{topic}/events", UriKind.Relative), new { id, msg = message });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Publishes messages that a named client gives up on, and goes.</summary>
    public async Task BuryAsync(string topic, params string[] messages)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/topics/{topic}/events?as=digger&max_tries=1&window=10");
        using var stream = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        await reader.ReadLineAsync();
        using var session = JsonDocument.Parse((await reader.ReadLineAsync())!["data: ".Length..]);
        foreach (var message in messages)
        {
            await PublishAsync(topic, message, message);
        }

        for (var got = 0; got < messages.Length;)
        {
            got += (await reader.ReadLineAsync().WaitAsync(RookeryProcess.Deadline))!.StartsWith("data: ", StringComparison.Ordinal) ? 1 : 0;
        }

        using var back = await Client.PostAsJsonAsync(
            new Uri($"api/sessions/{session.RootElement.GetProperty("session").GetString()}/nack", UriKind.Relative), new { seqs = $"1-{messages.Length}" });
        Assert.Equal($"{{\"count\":{messages.Length}}}", await back.Content.ReadAsStringAsync());

        // As long as the server takes the reader for there, it would get again what is put back.
        stream.Dispose();
        await Eventually.HoldsAsync(async () => (await SubscriptionAsync(topic)).GetProperty("members").GetInt32() == 0, () => "the reader never went");
    }

    public async Task<JsonElement> SubscriptionAsync(string topic) =>
        (await Client.GetFromJsonAsync<JsonElement>(new Uri($"api/topics/{topic}", UriKind.Relative))).GetProperty("subscriptions")[0];

    internal static async Task<Uri> AddressAsync(RookeryProcess run) =>
        new((await run.LineAsync(l => l.StartsWith("page on ", StringComparison.Ordinal))).Split(' ')[2]);

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_run is not null)
        {
            await _run.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }
}
