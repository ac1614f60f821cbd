using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Rookery.Cluster.Crash.Tests;

/// <summary>A tweet server with two streams of numbered tweets that end, and that a reader can take up again behind any of them.</summary>
internal sealed class FiniteFeed : IAsyncDisposable
{
    private const int Streams = 2;
    private const int Followers = 100;
    private const int Users = 20;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly WebApplication _app;
    private readonly int _each;

    private FiniteFeed(int each)
    {
        _each = each;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/tweets/{stream:int}", ServeAsync);
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>How many tweets there are.</summary>
    public int Count => Streams * _each;

    /// <summary>What the totals of each user are, once each tweet has counted once.</summary>
    public Dictionary<long, (long Count, double Sum)> Totals => Enumerable.Range(1, Streams)
        .SelectMany(stream => Enumerable.Range(1, _each).Select(number => IdOf(stream, number)))
        .GroupBy(UserOf)
        .ToDictionary(one => one.Key, one => (one.LongCount(), one.Sum(id => (double)FavoritesOf(id) / Followers)));

    public static async Task<FiniteFeed> StartAsync(int each)
    {
        var feed = new FiniteFeed(each);
        await feed._app.StartAsync();
        return feed;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static long IdOf(int stream, int number) => (stream * 1_000_000L) + number;

    private static long UserOf(long id) => 1 + (id % Users);

    private static long FavoritesOf(long id) => id % 50;

    private static string TweetOf(long id) => string.Create(CultureInfo.InvariantCulture, $$$$"""
        {"message":{"tweet":{"id":{{{{id}}}},"id_str":"{{{{id}}}}","text":"a good day","favorite_count":{{{{FavoritesOf(id)}}}},"retweet_count":0,
        "user":{"id":{{{{UserOf(id)}}}},"id_str":"{{{{UserOf(id)}}}}","screen_name":"u","name":"U","followers_count":{{{{Followers}}}} } } } }
        """).ReplaceLineEndings("");

    private async Task ServeAsync(int stream, HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        _ = int.TryParse(context.Request.Headers["Last-Event-ID"], CultureInfo.InvariantCulture, out var last);
        try
        {
            for (var number = last + 1; number <= _each; number++)
            {
                await context.Response.WriteAsync(
                    string.Create(CultureInfo.InvariantCulture, $"id: {number}\nevent: message\ndata: {TweetOf(IdOf(stream, number))}\n\n"), context.RequestAborted);
                await Task.Delay(Pace, context.RequestAborted);
            }

            // The stream stays open, as one without news does.
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // Its reader is gone.
        }
    }
}
