using System.Globalization;
using Microsoft.Playwright;

namespace Rookery.Page.Tests;

/// <summary>What the page says to people who cannot see it all, do not know it yet, or look at it while something is wrong.</summary>
[Collection(nameof(RunningPage))]
public sealed class PageForPeopleTests(RunningPage running)
{
    private const string Contrasts = """
        () => {
          const parts = text => text.match(/[\d.]+/g).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = e => {
            for (; e; e = e.parentElement) {
              const colour = parts(getComputedStyle(e).backgroundColor);
              if (colour.length === 3 || colour[3] === 1) return colour;
            }
            return [255, 255, 255];
          };
          const poor = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const e = walker.currentNode.parentElement;
            if (!walker.currentNode.textContent.trim() || !e.checkVisibility() || e.closest(':disabled')) continue;
            const [a, b] = [light(parts(getComputedStyle(e).color)), light(ground(e))];
            const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (contrast < 4.5) poor.push(`${e.tagName} "${walker.currentNode.textContent.trim().slice(0, 30)}" ${contrast.toFixed(2)}`);
          }
          return poor;
        }
        """;

    [BrowserTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task All_text_stands_out_from_its_ground(ColorScheme scheme)
    {
        await using var opened = await running.OpenAsync(scheme);
        await opened.SeeAsync("#tweet-list li");
        await opened.TextAsync("#topic-rows", "tweets");
        await opened.Page.FillAsync("#publish [name=id]", "#1");
        await opened.Page.ClickAsync("#publish button");
        await opened.TextAsync("#published", "not stored: bad event: id has a leading #");
        Assert.Empty(await opened.Page.EvaluateAsync<string[]>(Contrasts));
    }

    [BrowserTheory]
    [InlineData(1280)]
    [InlineData(768)]
    [InlineData(390)]
    public async Task Nothing_is_cut_off_or_lies_over_another_at_any_width(int width)
    {
        await using var opened = await running.OpenAsync();
        await opened.Page.SetViewportSizeAsync(width, 900);
        await opened.SeeAsync("#tweet-list li");
        await opened.SeeAsync("#hashtag-list li");
        var faults = await opened.Page.EvaluateAsync<string[]>("""
            () => {
              const faults = [], cards = [...document.querySelectorAll('main section')];
              if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} wide`);
              for (const card of cards) {
                const of = card.getBoundingClientRect();
                for (const e of card.querySelectorAll('button, input, select, textarea, canvas, dl, h2, h3, p, .histogram')) {
                  const at = e.getBoundingClientRect();
                  if (!at.width || e.closest('.scroll, [tabindex]')) continue;
                  if (at.left < of.left - 1 || at.right > of.right + 1 || at.top < of.top - 1 || at.bottom > of.bottom + 1) faults.push(`${e.id || e.tagName} leaves ${card.id}`);
                }
              }
              for (const a of cards) for (const b of cards) {
                const [one, two] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
                if (a !== b && one.left < two.right - 1 && two.left < one.right - 1 && one.top < two.bottom - 1 && two.top < one.bottom - 1) faults.push(`${a.id} lies over ${b.id}`);
              }
              return faults;
            }
            """);
        Assert.Empty(faults);
    }

    [BrowserFact]
    public async Task On_a_tablet_cards_stand_beside_each_other()
    {
        await using var opened = await running.OpenAsync();
        await opened.Page.SetViewportSizeAsync(768, 900);
        Assert.Equal(2, await opened.Page.EvaluateAsync<int>("() => getComputedStyle(document.querySelector('main')).gridTemplateColumns.split(' ').length"));
    }

    [BrowserFact]
    public async Task Charts_are_told_in_words()
    {
        await using var opened = await running.OpenAsync();
        await opened.UntilAsync("() => /per second: in [\\d,]+ now, [\\d,]+ at most; scored .*; published .* at most/.test(document.getElementById('flow-chart').getAttribute('aria-label'))");
        await opened.UntilAsync("() => /tweets in a batch [\\d,]+ now, .* milliseconds to write it [\\d,]+ now/.test(document.getElementById('store-chart').getAttribute('aria-label'))");
    }

    [BrowserFact]
    public async Task Figures_of_topics_go_on_while_a_button_among_them_has_the_focus_which_it_keeps()
    {
        await running.BuryAsync("urns", "one");
        await using var opened = await running.OpenAsync();
        await opened.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "1 dead letters of client:digger in urns" }).FocusAsync();
        await running.PublishAsync("urns", "two", "two");
        await opened.UntilAsync("() => [...document.querySelectorAll('#topic-rows tr')].some(row => row.children[0].textContent === 'urns' && row.children[5].textContent === '1')");
        Assert.Equal("BUTTON", await opened.Page.EvaluateAsync<string>("() => document.activeElement.tagName"));
        await running.PublishAsync("before-urns", "one", "one");
        await opened.TextAsync("#topic-rows", "before-urns");
        Assert.Equal("1 dead letters of client:digger in urns", await opened.Page.EvaluateAsync<string>("() => document.activeElement.getAttribute('aria-label')"));
    }

    [BrowserFact]
    public async Task A_broker_in_which_nothing_is_yet_says_so_and_how_to_begin()
    {
        await using var alone = await AloneAsync("0");
        await using var opened = await running.OpenAsync(alone.Address);
        await opened.TextAsync("#topics-note", "There is no topic yet: publish below, or with: rookery pub news hello");
        await opened.Page.ClickAsync("#publish button");
        await opened.TextAsync("#published", "stored as event 1 of news");
        await opened.TextAsync("#topic-rows", "news");
        await opened.UntilAsync("() => document.getElementById('topics-note').textContent === ''");
        Assert.Empty(opened.Complaints);
    }

    [BrowserFact]
    public async Task What_is_no_topic_is_told_with_what_a_topic_is()
    {
        await using var opened = await running.OpenAsync();
        await opened.Page.FillAsync("#publish [name=topic]", "a b");
        await opened.Page.ClickAsync("#publish button");
        Assert.Equal(
            (true, "1 to 200 of A–Z a–z 0–9 . _ - :"),
            (await opened.Page.EvaluateAsync<bool>("() => document.querySelector('#publish [name=topic]').validity.patternMismatch"), await opened.Page.GetAttributeAsync("#publish [name=topic]", "title")));
        Assert.Equal("", await opened.Page.InnerTextAsync("#published"));
    }

    [BrowserFact]
    public async Task While_the_server_is_away_the_page_says_so_and_of_when_its_figures_are_and_goes_on_when_it_is_back()
    {
        var alone = await AloneAsync("0");
        await using var opened = await running.OpenAsync(alone.Address);
        await opened.SeeAsync("#link[data-state=open]");
        await opened.Page.ClickAsync("#subscribe button:not([type])");
        await opened.TextAsync("#subscribed", "listening to news");
        await alone.Run.DisposeAsync();
        await opened.TextAsync("#link", "No connection to the server; trying again … The figures are those of ");
        await opened.SeeAsync("body.stale");
        await opened.SeeAsync("#subscribed.bad");
        await opened.Page.ClickAsync("#publish button");
        await opened.TextAsync("#published.bad", "not stored: the server does not answer");
        await opened.Page.EvaluateAsync("() => document.getElementById('kill').click()");
        await opened.UntilAsync("() => document.getElementById('kill-said').textContent === 'The kill message was not taken: the server does not answer.'");
        await opened.Page.ClickAsync("#subscribe button:not([type])");
        await opened.TextAsync("#subscribed.bad", "the server does not answer");
        await using var again = await AloneAsync(alone.Address.Port.ToString(CultureInfo.InvariantCulture), alone.Data);
        await opened.SeeAsync("#link[data-state=open]");
        Assert.Equal("live", await opened.Page.InnerTextAsync("#link"));
        await opened.UntilAsync("() => !document.body.classList.contains('stale')");
        Assert.DoesNotContain(opened.Complaints, complaint => complaint.StartsWith("alert:", StringComparison.Ordinal));
    }

    /// <summary>A broker alone, with its page.</summary>
    private static async Task<Alone> AloneAsync(string port, string? data = null)
    {
        data ??= Directory.CreateTempSubdirectory("rookery-page-").FullName;
        var run = RookeryProcess.Start("run", "--no-tweets", "--data", data, "--broker-port", "0", "--http-port", port);
        return new Alone(run, data, await RunningPage.AddressAsync(run));
    }

    private sealed record Alone(RookeryProcess Run, string Data, Uri Address) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Run.DisposeAsync();
            Directory.Delete(Data, recursive: true);
        }
    }
}
