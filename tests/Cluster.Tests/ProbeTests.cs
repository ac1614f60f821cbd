using Rookery.Hosting;

namespace Rookery.Cluster.Tests;

/// <summary>How health is asked for by many.</summary>
public sealed class ProbeTests
{
    private readonly ManualTimeProvider _time = new();
    private int _asked;

    [Fact]
    public async Task Many_who_want_to_know_at_once_ask_once_and_what_was_answered_holds_for_two_seconds()
    {
        var probe = new Probe(() => Answer(Interlocked.Increment(ref _asked) == 1 ? null : "down"), "storage", _time);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => probe.AskAsync())), Assert.Null);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await probe.AskAsync());
        Assert.Equal(1, _asked);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("down", await probe.AskAsync());
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task What_fails_is_named_and_what_takes_longer_than_two_seconds_is_given_up()
    {
        var broken = new Probe(() => throw new IOException("secret words"), "storage", _time);
        Assert.Equal("storage does not answer: IOException", await broken.AskAsync());
        var silent = new Probe(() => new TaskCompletionSource<string?>().Task, "the cluster", _time);
        var answer = silent.AskAsync();
        await Eventually.HoldsAsync(() => _time.IsDueWithin(TimeSpan.FromSeconds(2)));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("the cluster does not answer: TimeoutException", await answer);
    }

    private static Task<string?> Answer(string? why) => Task.FromResult(why);
}
