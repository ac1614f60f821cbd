using System.Text;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <content>From where it reads, and how it ends.</content>
internal sealed partial class StreamPump
{
    /// <summary>Who wrote a note stands in front of the position, 16 bytes.</summary>
    private const int NoteHead = 16;
    private static readonly StoredMark Mark = new("stream", 1, "the position of a stream");

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads no more; <see cref="RunAsync"/> ends when what was read is durable.</summary>
    public void Close() => _stopReading.Cancel();

    /// <summary>Reads until closed, fenced or cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var thread = ReaderThread.Take();
        using var cancelled = cancellationToken.UnsafeRegister(static pump => ((StreamPump)pump!).Cancel(), this);
        var record = _services.StreamRecord(_number);
        var attempts = new StoreAttempts($"stream {_number}", _services.Options, _services.Pause, _services.Time, _services.Logger);
        try
        {
            var stored = await attempts.UntilDoneAsync("read its position", _ => record.ReadAsync(), _stopReading.Token);
            var position = PositionIn(stored);
            (_positions, _lastId) = (new PositionTracker(position), position);

            // From here on no predecessor can note its own.
            await attempts.UntilDoneAsync("note its position", _ => record.WriteAsync(Note(_self, position)), _stopReading.Token);
            PipelineLog.StreamStarted(_services.Logger, _number, _source, position ?? "none");
            var reading = Task.Run(() => _services.Events.RunAsync(_source, position, this, _stopReading.Token), CancellationToken.None);
            await WatchAsync(reading, record, position);
        }
        catch (OperationCanceledException)
        {
            // Told to end.
        }
#pragma warning disable CA1031 // Fenced, or a mistake in the program: the grain ends, and the keeper asks for the stream again.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            _trouble = exception.Message;
            PipelineLog.StreamEnded(_services.Logger, _number, exception.Message);
        }
        finally
        {
            Cancel();
            _connected = false;
            _services.Ended(this);
        }
    }

    private void Cancel()
    {
        _stopReading.Cancel();
        _stop.Cancel();
    }

    /// <summary>The position of a note; null where its writer had not got to one, or nobody wrote.</summary>
    /// <exception cref="InvalidDataException">A version that this one does not know wrote it.</exception>
    internal static string? PositionIn(byte[]? note) =>
        note is not null && Mark.Open(note) is { Length: > NoteHead } found ? Encoding.UTF8.GetString(found.AsSpan(NoteHead)) : null;

    internal static byte[] Note(Guid writer, string? position) =>
        Mark.Before([.. writer.ToByteArray(), .. Encoding.UTF8.GetBytes(position ?? string.Empty)]);

    /// <summary>Flushes and notes until reading ends, and then until all of it has arrived.</summary>
    private async Task WatchAsync(Task reading, IStateRecord record, string? noted)
    {
        var options = _services.Options;
        var notedAt = _services.Time.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            var ended = reading.IsCompleted;
            Flush(ended ? TimeSpan.Zero : options.Linger);
            var last = ended && _window.Records == 0 && !HasBlock;
            if (_positions.Position is { } position && position != noted && (last || _services.Time.GetElapsedTime(notedAt) >= options.PositionEvery))
            {
                notedAt = _services.Time.GetTimestamp();
                try
                {
                    await record.WriteAsync(Note(_self, position));
                    noted = position;
                }
                catch (StoreUnavailableException)
                {
                    // The next time.
                }
            }

            if (last)
            {
                await reading;
                return;
            }

            await Task.Delay(options.Linger < Look ? options.Linger : Look, _services.Time, _stop.Token);
        }
    }

    private bool HasBlock
    {
        get
        {
            lock (_gate)
            {
                return _block is not null;
            }
        }
    }
}
