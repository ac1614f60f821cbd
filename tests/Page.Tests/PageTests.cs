using System.Globalization;
using Microsoft.Playwright;

namespace Rookery.Page.Tests;

/// <summary>The live page in a real browser, in front of the whole program.</summary>
[Collection(nameof(RunningPage))]
public sealed class PageTests(RunningPage running)
{
    [BrowserFact]
    public async Task It_shows_what_happens_without_a_complaint_and_asks_nobody_else()
    {
        await using var opened = await running.OpenAsync();
        await opened.SeeAsync("#tweet-list li");
        await opened.TextAsync("#rates", "scored /s");
        await opened.TextAsync("#topic-rows", "tweets");
        await opened.SeeAsync("#hashtag-list li");
        await opened.TextAsync("#store-state", "writing");
        Assert.Equal(3, await opened.Page.Locator("#pool-list .pool").CountAsync());
        await opened.UntilAsync("() => [...document.querySelectorAll('#sentiment-bars i')].some(bar => bar.offsetHeight > 10)");
        Assert.Empty(opened.Complaints);
    }

    [BrowserFact]
    public async Task Of_a_broker_alone_it_shows_nothing_that_is_of_tweets()
    {
        await using var opened = await running.OpenAsync();
        await opened.SeeAsync("#tweet-list li");

        // In one go: the next status says again that there are tweets here.
        var shown = await opened.Page.EvaluateAsync<string[]>(
            """
            () => {
              document.body.classList.add('broker-only');
              return [...document.querySelectorAll('main section')].filter(part => getComputedStyle(part).display !== 'none' && part.matches('.tweets-only, #flow')).map(part => part.id);
            }
            """);
        Assert.Equal(["flow"], shown);
    }

    [BrowserFact]
    public async Task It_follows_the_system_into_the_dark()
    {
        await using var light = await running.OpenAsync(ColorScheme.Light);
        await using var dark = await running.OpenAsync(ColorScheme.Dark);
        Assert.True(Brightness(await light.StyleAsync("html", "backgroundColor")) > 200);
        Assert.True(Brightness(await dark.StyleAsync("html", "backgroundColor")) < 60);
        Assert.True(Brightness(await light.StyleAsync("section", "color")) < 60);
        Assert.True(Brightness(await dark.StyleAsync("section", "color")) > 200);
        Assert.Empty(dark.Complaints);
    }

    [BrowserFact]
    public async Task What_is_published_by_hand_comes_to_who_subscribed_by_hand()
    {
        await using var opened = await running.OpenAsync();
        await opened.Page.FillAsync("#subscribe [name=topic]", "by-hand");
        await opened.Page.ClickAsync("#subscribe button:not([type])");
        await opened.TextAsync("#subscribed", "listening to by-hand");
        await opened.Page.FillAsync("#publish [name=topic]", "by-hand");
        await opened.Page.FillAsync("#publish [name=msg]", "{\"greeting\": \"<b>hello</b>\"}");
        await opened.Page.ClickAsync("#publish button");
        await opened.TextAsync("#published", "stored as event 1 of by-hand");

        // As text, whatever it holds.
        await opened.TextAsync("#events li", "\"msg\":{\"greeting\":\"<b>hello</b>\"}");
        await opened.Page.ClickAsync("#unsubscribe");
        await opened.TextAsync("#subscribed", "stopped");
        await opened.TextAsync("#topic-rows", "by-hand");
        Assert.Empty(opened.Complaints);
    }

    [BrowserFact]
    public async Task It_listens_only_once_the_server_says_so()
    {
        await using var opened = await running.OpenAsync();
        var asked = new TaskCompletionSource<IRoute>(TaskCreationOptions.RunContinuationsAsynchronously);
        await opened.Page.RouteAsync("**/api/topics/slow/events?*", asked.SetResult);
        await opened.Page.FillAsync("#subscribe [name=topic]", "slow");
        await opened.Page.ClickAsync("#subscribe button:not([type])");
        var route = await asked.Task.WaitAsync(RookeryProcess.Deadline);
        Assert.Equal("subscribing to slow", await opened.Page.InnerTextAsync("#subscribed"));

        await route.ContinueAsync();
        await opened.TextAsync("#subscribed", "listening to slow");
        Assert.Empty(opened.Complaints);
    }

    [BrowserFact]
    public async Task What_the_server_refuses_is_told_in_its_words()
    {
        await using var opened = await running.OpenAsync();
        await opened.Page.FillAsync("#publish [name=id]", "#1");
        await opened.Page.ClickAsync("#publish button");
        await opened.TextAsync("#published", "bad event: id has a leading #");
    }

    [BrowserFact]
    public async Task A_kill_message_crashes_a_worker_which_is_replaced()
    {
        await using var opened = await running.OpenAsync();
        await opened.SeeAsync("#pool-list .pool");
        var before = await opened.CrashesAsync();
        await opened.Page.ClickAsync("#kill");
        await opened.UntilAsync($$"""
            () => [...document.querySelectorAll('#pool-list .waiting')].map(w => Number(w.textContent.split(', ')[1].split(' ')[0])).reduce((a, b) => a + b, 0) > {{before}}
            """);
        Assert.Equal(before + 1, await opened.CrashesAsync());
        Assert.Equal(0, await opened.Page.Locator("#pool-list .count", new PageLocatorOptions { HasText = "0 workers" }).CountAsync());
        Assert.Empty(opened.Complaints);
    }

    [BrowserFact]
    public async Task The_store_is_paused_and_resumed()
    {
        await using var opened = await running.OpenAsync();
        await opened.TextAsync("#store-switch", "Pause");
        await opened.Page.ClickAsync("#store-switch");
        await opened.TextAsync("#store-state", "paused by you");
        await opened.TextAsync("#troubles", "store: paused");
        await opened.Page.ClickAsync("#store-switch");
        await opened.TextAsync("#store-state", "writing");
        await opened.UntilAsync("() => document.getElementById('troubles').textContent === ''");
        Assert.Empty(opened.Complaints);
    }

    [BrowserFact]
    public async Task Dead_letters_are_shown_and_put_back()
    {
        await running.BuryAsync("graves", "one", "two");
        await using var opened = await running.OpenAsync();
        await opened.Page.Locator("#topic-rows tr", new PageLocatorOptions { HasText = "graves" }).GetByRole(AriaRole.Button).ClickAsync();
        await opened.TextAsync("#dead-title", "Dead letters of client:digger in graves");
        await opened.TextAsync("#dead-list li", "\"one\" after 1 try");
        await opened.Page.Locator("#dead-list button").First.ClickAsync();
        await opened.TextAsync("#dead-said", "1 in all");
        await opened.Page.ClickAsync("#dead-replay");
        await opened.TextAsync("#dead-said", "There are none.");
        await opened.Page.ClickAsync("#dead-close");
        var digger = await running.SubscriptionAsync("graves");
        Assert.Equal((2, 0), (digger.GetProperty("waiting").GetInt32(), digger.GetProperty("dead").GetInt32()));
        Assert.Empty(opened.Complaints);
    }

    [BrowserFact]
    public async Task Dead_letters_are_dropped_when_that_is_said_twice()
    {
        await running.BuryAsync("ashes", "one", "two");
        await using var opened = await running.OpenAsync();
        await opened.Page.Locator("#topic-rows tr", new PageLocatorOptions { HasText = "ashes" }).GetByRole(AriaRole.Button).ClickAsync();
        await opened.TextAsync("#dead-list li", "\"two\" after 1 try");
        await opened.Page.ClickAsync("#dead-discard");
        await opened.TextAsync("#dead-discard", "Discard all for good?");

        // Looking elsewhere takes it back.
        await opened.Page.FocusAsync("#dead-close");
        await opened.UntilAsync("() => document.getElementById('dead-discard').textContent === 'Discard all'");
        Assert.Equal(2, (await running.SubscriptionAsync("ashes")).GetProperty("dead").GetInt32());

        await opened.Page.ClickAsync("#dead-discard");
        await opened.TextAsync("#dead-discard", "Discard all for good?");
        await opened.Page.ClickAsync("#dead-discard");
        await opened.TextAsync("#dead-said", "There are none.");
        Assert.Equal(0, (await running.SubscriptionAsync("ashes")).GetProperty("dead").GetInt32());
        Assert.Empty(opened.Complaints);
    }

    [BrowserFact]
    public async Task Every_control_is_reached_by_the_keyboard_and_shows_it()
    {
        await using var opened = await running.OpenAsync();
        await opened.SeeAsync("#tweet-list li");
        var reached = new HashSet<string>();
        for (var i = 0; i < 60; i++)
        {
            await opened.Page.Keyboard.PressAsync("Tab");
            var (id, outline) = await FocusAsync(opened);
            reached.Add(id);
            Assert.True(id.Length == 0 || outline.Length > 0 && outline != "none", $"{id} does not show that it has the focus");
        }

        string[] wanted = ["tweets-hold", "tweet-list", "kill", "store-switch", "topic", "id", "priority", "msg", "from"];
        Assert.Empty(wanted.Except(reached));
        await opened.Page.FocusAsync("#tweets-hold");
        await opened.Page.Keyboard.PressAsync("Enter");
        await opened.SeeAsync("#tweets-hold[aria-pressed=true]");
    }

    [BrowserFact]
    public async Task Controls_and_figures_have_names_for_those_who_hear_the_page()
    {
        await using var opened = await running.OpenAsync();
        await opened.SeeAsync("#pool-list .pool");
        var nameless = await opened.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('button, input, select, textarea, canvas, meter, section, dialog')]
                .filter(e => !(e.textContent.trim() && e.tagName === 'BUTTON') && !e.labels?.length && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby'))
                .map(e => e.outerHTML.slice(0, 80))
            """);
        Assert.Empty(nameless);
        Assert.Equal("en", await opened.Page.GetAttributeAsync("html", "lang"));
    }

    [BrowserFact]
    public async Task On_a_phone_nothing_is_wider_than_the_screen()
    {
        await using var opened = await running.OpenAsync();
        await opened.Page.SetViewportSizeAsync(390, 800);
        await opened.SeeAsync("#tweet-list li");
        await opened.UntilAsync("() => document.documentElement.scrollWidth <= 390");
    }

    [BrowserFact]
    public async Task Where_tokens_are_set_it_asks_for_one_and_goes_on_with_it()
    {
        var folder = Directory.CreateTempSubdirectory("rookery-page-").FullName;
        try
        {
            var tokens = Path.Combine(folder, "tokens.json");
            await File.WriteAllTextAsync(tokens, """{"tokens":[{"owner":"ops","token":"a-token-for-operators","publish":["*"],"subscribe":["*"],"administer":["*"]}]}""");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(tokens, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            await using var run = RookeryProcess.Start("run", "--no-tweets", "--data", Path.Combine(folder, "data"), "--broker-port", "0", "--tokens", tokens);
            await using var opened = await running.OpenAsync(await RunningPage.AddressAsync(run));
            await opened.SeeAsync("#token[open]");
            await opened.Page.FillAsync("#token input", "a-token-for-operators");
            await opened.Page.Keyboard.PressAsync("Enter");
            await opened.SeeAsync("#link[data-state=open]");
            await opened.Page.ClickAsync("#publish button");
            await opened.TextAsync("#published", "stored as event 1 of news");
            Assert.All(opened.Complaints, complaint => Assert.Contains("401", complaint, StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(string Id, string Outline)> FocusAsync(OpenedPage opened)
    {
        var focus = await opened.Page.EvaluateAsync<string[]>("""
            () => { const e = document.activeElement; return e === document.body ? ['', ''] : [e.id || e.name || e.tagName, getComputedStyle(e).outlineStyle]; }
            """);
        return (focus[0], focus[1]);
    }

    private static double Brightness(string rgb) =>
        rgb[(rgb.IndexOf('(', StringComparison.Ordinal) + 1)..^1].Split(',').Take(3).Average(part => double.Parse(part, CultureInfo.InvariantCulture));
}
