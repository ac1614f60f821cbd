using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Playwright;

namespace Rookery.Page.Tests;

/// <summary>The page in a window of its own, with all that it complained of and asked for.</summary>
public sealed class OpenedPage : IAsyncDisposable
{
    private readonly Uri _address;
    private readonly ConcurrentQueue<string> _complaints = new();

    public OpenedPage(IPage page, Uri address)
    {
        (Page, _address) = (page, address);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(_address.ToString(), StringComparison.Ordinal))
            {
                _complaints.Enqueue($"asked another host: {request.Url}");
            }
        };
        page.Dialog += (_, dialog) =>
        {
            _complaints.Enqueue($"alert: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
    }

    public IPage Page { get; }

    /// <summary>Errors and warnings of the console, and requests to another host.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    public Task SeeAsync(string selector) => Page.Locator(selector).First.WaitForAsync();

    /// <summary>Waits until an expression of the page holds.</summary>
    public Task UntilAsync(string expression) => Page.WaitForFunctionAsync(expression);

    /// <summary>Waits until an element has a text that holds this one.</summary>
    public Task TextAsync(string selector, string text) =>
        Page.Locator(selector, new PageLocatorOptions { HasText = text }).First.WaitForAsync();

    public async Task<string> StyleAsync(string selector, string property) =>
        await Page.Locator(selector).First.EvaluateAsync<string>($"e => getComputedStyle(e)['{property}']");

    /// <summary>The crashes that the pools show, in all.</summary>
    public async Task<long> CrashesAsync()
    {
        var texts = await Page.Locator("#pool-list .waiting").AllInnerTextsAsync();
        return texts.Sum(t => long.Parse(t.Split(", ")[1].Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
