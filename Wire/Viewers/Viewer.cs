using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Rookery.Wire;

/// <summary>One connection of the viewers' port.</summary>
internal sealed class Viewer(IDuplexPipe transport, IViewerSource source) : IDisposable
{
    /// <summary>Longest line a viewer may type, in bytes.</summary>
    public const int MaxLineBytes = 1024;

    private const int FlushBytes = 16 * 1024;

    private readonly SemaphoreSlim _writing = new(1);
    private readonly ByteBuffer _text = new();
    private CancellationTokenSource? _watch;
    private Task _watching = Task.CompletedTask;

    public async Task RunAsync()
    {
        try
        {
            await SayAsync("Type `twitter` to start processing SSE (from Twitter API)\r\n").ConfigureAwait(false);
            await ReadAsync().ConfigureAwait(false);
        }
        finally
        {
            await StopAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _writing.Dispose();
    }

    /// <summary>How a tweet is shown: on one line, and harmless to a terminal.</summary>
    internal static void Write(IBufferWriter<byte> to, ByteBuffer scratch, in ViewedTweet tweet)
    {
        var text = new StringBuilder(tweet.Text.Length + 64);
        if (tweet.Skipped > 0)
        {
            text.Append("skipped: ").Append(tweet.Skipped).Append(" tweets, this viewer is too slow\r\n");
        }

        text.Append("tweet: ");
        if (tweet.Worker is { } worker)
        {
            text.Append("worker-").Append(worker).Append(' ');
        }

        foreach (var c in tweet.Text)
        {
            _ = c switch
            {
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\u2028' => text.Append("\\u2028"),
                '\u2029' => text.Append("\\u2029"),
                _ when char.IsControl(c) => text.Append("\\x").Append(((int)c).ToString("x2", null)),
                _ => text.Append(c),
            };
        }

        scratch.Clear();
        scratch.AppendLine(text.ToString());
        to.Write(scratch.Span);
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            var result = await transport.Input.ReadAsync().ConfigureAwait(false);
            var buffer = result.Buffer;
            while (TryTakeLine(ref buffer, out var line))
            {
                await ObeyAsync(line).ConfigureAwait(false);
            }

            if (WithoutReturn(buffer).Length > MaxLineBytes || buffer.PositionOf((byte)'\n') is not null)
            {
                await SayAsync(Errors.Fill(Errors.LineTooLong, $"{MaxLineBytes}") + "\r\n").ConfigureAwait(false);
                return;
            }

            transport.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                return;
            }
        }
    }

    /// <summary>Takes a line that is complete and not too long; its end does not count.</summary>
    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out string line)
    {
        line = "";
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            return false;
        }

        var typed = WithoutReturn(buffer.Slice(0, end));
        if (typed.Length > MaxLineBytes)
        {
            return false;
        }

        line = Encoding.UTF8.GetString(typed);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static ReadOnlySequence<byte> WithoutReturn(ReadOnlySequence<byte> line) =>
        line.Length > 0 && line.Slice(line.Length - 1).FirstSpan[0] == '\r' ? line.Slice(0, line.Length - 1) : line;

    private async Task ObeyAsync(string line)
    {
        switch (line)
        {
            case "twitter":
                await SayAsync("[Command] run :twitter\r\n").ConfigureAwait(false);
                if (_watching.IsCompleted)
                {
                    _watch?.Dispose();
                    _watch = new CancellationTokenSource();
                    _watching = WatchAsync(_watch.Token);
                }

                break;
            case "stop":
                await StopAsync().ConfigureAwait(false);
                await SayAsync("[Command] run :stop\r\n").ConfigureAwait(false);
                break;
            default:
                await SayAsync("[Command] run :other\r\n").ConfigureAwait(false);
                break;
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            var tweets = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (tweets.ConfigureAwait(false))
            {
                var unsent = 0L;
                while (true)
                {
                    // What is there already goes out together; before waiting for more, it goes.
                    var next = tweets.MoveNextAsync().AsTask();
                    if (unsent > 0 && (!next.IsCompleted || unsent > FlushBytes))
                    {
                        unsent = 0;
                        if (!await FlushAsync(cancellationToken).ConfigureAwait(false))
                        {
                            await DiscardAsync(next).ConfigureAwait(false);
                            return;
                        }
                    }

                    if (!await next.ConfigureAwait(false))
                    {
                        return;
                    }

                    unsent += await WriteAsync(tweets.Current, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or InvalidOperationException)
        {
            // Stopped, or nobody looks any more.
        }
    }

    private async ValueTask<long> WriteAsync(ViewedTweet tweet, CancellationToken cancellationToken)
    {
        WireMetrics.ViewerSkipped.Add(tweet.Skipped);
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Write(transport.Output, _text, tweet);
            return _text.Count;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            var result = await transport.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
            return !result.IsCompleted;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task SayAsync(string text)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await transport.Output.WriteAsync(Encoding.UTF8.GetBytes(text)).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task StopAsync()
    {
        if (_watch is { } watch)
        {
            await watch.CancelAsync().ConfigureAwait(false);
            await _watching.ConfigureAwait(false);
        }

        _text.Release();
    }

    private static async Task DiscardAsync(Task<bool> next)
    {
        try
        {
            await next.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
