using System.Text;
using Rookery.Silo;

namespace Rookery.Cluster.Tests;

/// <summary>Streams of events through the parser of the runtime.</summary>
public sealed class HttpEventStreamTests
{
    private const string Event = "data: {\"message\": 1}\n\n";

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Of_an_event_that_is_too_long_in_one_line_or_in_many_the_rest_is_passed_over_and_the_stream_goes_on(string end)
    {
        var many = string.Concat(Enumerable.Repeat($"data: {new string('y', 500)}{end}", 100));
        var script = $"data: {new string('x', 300_000)}{end}{end}data: a{end}{end}{many}{end}data: b{end}{end}data: c{end}{end}:{end}";
        await using var server = new ScriptedServer(ScriptedServer.Stalling(script));
        var sink = new StreamSink();
        await using var reading = new Reading(server.Uri, sink, TimeProvider.System, new EventStreamOptions { MaxEventBytes = 2000 });
        await sink.UntilAsync(() => sink.Events.Contains("c"), "it was not read on");
        var events = sink.Events.ToList();
        Assert.Equal([new string('x', 2000 - 6), "a", "b", "c"], events.Where(one => !one.Contains('y', StringComparison.Ordinal)));
        Assert.InRange(events.Single(one => one.Contains('y', StringComparison.Ordinal)).Length, 1500, 2000);
        Assert.Empty(sink.Reasons);
    }

    [Fact]
    public async Task Comments_are_signs_of_life_and_a_stream_without_any_is_given_up()
    {
        var time = new ManualTimeProvider();
        using var comments = new SemaphoreSlim(0);
        await using var server = new ScriptedServer(async (stream, cancel) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"u8.ToArray(), cancel);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Event), cancel);
            while (true)
            {
                await comments.WaitAsync(cancel);
                await stream.WriteAsync(": still here\n"u8.ToArray(), cancel);
            }
        });
        var sink = new StreamSink();
        await using var reading = new Reading(server.Uri, sink, time, new EventStreamOptions());
        await sink.UntilAsync(() => sink.Events.Count == 1, "the first event did not come");
        for (var i = 0; i < 4; i++)
        {
            // The limit is 30 s: 10 are left of it, until the comment has come.
            await UntilLeftAsync(time, 30);
            time.Advance(TimeSpan.FromSeconds(20));
            comments.Release();
        }

        await UntilLeftAsync(time, 30);
        Assert.Empty(sink.Reasons);
        time.Advance(TimeSpan.FromSeconds(31));
        await sink.UntilAsync(() => !sink.Reasons.IsEmpty, "it was not given up");
        Assert.Contains("brought no byte for 30 s", sink.Reasons.Single(), StringComparison.Ordinal);
    }

    private static Task UntilLeftAsync(ManualTimeProvider time, int seconds) => Eventually.HoldsAsync(
        () => time.IsDueWithin(TimeSpan.FromSeconds(seconds)) && !time.IsDueWithin(TimeSpan.FromSeconds(seconds - 1)), () => $"not {seconds} s are left");

    private sealed class Reading : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly HttpEventStream _reader;
        private readonly Task _run;

        public Reading(Uri stream, StreamSink sink, TimeProvider time, EventStreamOptions options)
        {
            _reader = new HttpEventStream(time, options);
            _run = _reader.RunAsync(stream, null, sink, _stop.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _run.WaitAsync(Recorder.Deadline));
            _stop.Dispose();
            _reader.Dispose();
        }
    }
}
