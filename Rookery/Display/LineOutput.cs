using System.Diagnostics.Metrics;
using System.Threading.Channels;

namespace Rookery.Command;

/// <summary>
/// Lines for an output that may fail or take nothing: they are written by a thread of its own, and what cannot be written is
/// counted. Whoever writes neither waits nor hears of it; a run must not end because its output does.
/// </summary>
internal sealed class LineOutput
{
    /// <summary>Longest wait for an output that takes nothing.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // Lines that may wait, which is more than a burst of a log and less than a heap of memory.
    private const int Most = 1_024;
    private const int StackBytes = 256 * 1024;

    private static readonly Counter<long> LostCounter =
        new Meter("Rookery.Run").CreateCounter<long>("rookery.run.lines.lost", null, "Lines of the status or the log that could not be written");

    private readonly Channel<(string? Line, TaskCompletionSource? Written)> _queue =
        Channel.CreateBounded<(string? Line, TaskCompletionSource? Written)>(new BoundedChannelOptions(Most) { SingleReader = true });

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TextWriter _to;
    private readonly KeyValuePair<string, object?> _name;
    private long _lost;

    /// <param name="to">Where lines go; nobody else writes there before this one ended.</param>
    /// <param name="name">What the meter calls it.</param>
    public LineOutput(TextWriter to, string name)
    {
        (_to, _name) = (to, new("output", name));
        new Thread(Run, StackBytes) { IsBackground = true, Name = $"rookery {name}" }.Start();
    }

    /// <summary>Lines that could not be written.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>After its end: the output still takes nothing, and is not to be touched any more.</summary>
    public bool IsStuck => !_ended.Task.IsCompleted;

    /// <summary>Never waits and never fails.</summary>
    public void Write(string line)
    {
        // A log may still be written to while the last things end.
        if (!_queue.Writer.TryWrite((line, null)))
        {
            Lose(1);
        }
    }

    /// <summary>Waits until everything so far was written, but not longer than <see cref="Patience"/>.</summary>
    public Task FlushAsync()
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _queue.Writer.TryWrite((null, written)) ? Task.WhenAny(written.Task, Task.Delay(Patience)) : Task.CompletedTask;
    }

    /// <summary>Takes no more and writes what waits, within <see cref="Patience"/>.</summary>
    public Task EndAsync()
    {
        _queue.Writer.TryComplete();
        return Task.WhenAny(_ended.Task, Task.Delay(Patience));
    }

    private void Run()
    {
        var unwritten = 0;
        foreach (var (line, written) in _queue.Reader.ReadAllAsync().ToBlockingEnumerable())
        {
            try
            {
                if (line is not null)
                {
                    unwritten++;
                    _to.WriteLine(line);
                }

                if (_queue.Reader.Count == 0 || written is not null)
                {
                    _to.Flush();
                    unwritten = 0;
                }
            }
            catch (Exception)
            {
                // Whatever it is: a full disk, a pipe without a reader. The next line may find it mended.
                Lose(unwritten);
                unwritten = 0;
            }

            written?.TrySetResult();
        }

        _ended.TrySetResult();
    }

    private void Lose(int lines)
    {
        Interlocked.Add(ref _lost, lines);
        LostCounter.Add(lines, _name);
    }
}
