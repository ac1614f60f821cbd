using System.Text;

namespace Rookery.Tweets;

/// <summary>
/// Finds the events of a stream of server-sent events (WHATWG HTML, "Server-sent events", §9.2.6) in a buffer that is filled
/// piece by piece, split anywhere. Data of one line is a range of the buffer; data of several lines is drawn together in place,
/// so it is one too. The quoted event name and its blank line that the reference server sends are, to the letter of the
/// standard, an event without data, and pass without notice.
/// </summary>
internal sealed class SseParser(int maxEventBytes)
{
    // The longest line that can hold data within the limit.
    private readonly int _maxLineBytes = maxEventBytes + "data: ".Length;
    private int _lineStart;
    private int _scanned;
    private int _dataStart = -1;
    private int _dataEnd;
    private bool _atStart = true;
    private bool _afterCr;
    private bool _dropping;
    private bool _lineCut;
    private string _type = MessageType;
    private byte[] _id = [];
    private int _idLength = -1;
    private byte[] _lastId = [];
    private int _lastIdLength = -1;

    /// <summary>Type of events that name none.</summary>
    public const string MessageType = "message";

    /// <summary>Type of the last event, without quotes around it.</summary>
    public string EventType { get; private set; } = MessageType;

    /// <summary>The last id of an event that was complete; null where none came.</summary>
    public string? LastEventId => _lastIdLength < 0 ? null : Encoding.UTF8.GetString(_lastId, 0, _lastIdLength);

    /// <summary>The waiting time that the server asked for.</summary>
    public TimeSpan? Retry { get; private set; }

    /// <summary>Events dropped because they were longer than allowed.</summary>
    public long TooLong { get; private set; }

    /// <summary>Everything in the buffer before this is done with.</summary>
    public int KeepFrom => _dataStart >= 0 ? _dataStart : _lineStart;

    /// <summary>Finds the next event with data.</summary>
    /// <param name="buffer">What was kept, and what came since.</param>
    /// <param name="data">Where in the buffer its data is.</param>
    /// <returns>False where the buffer ends before the event does.</returns>
    public bool TryRead(Span<byte> buffer, out Utf8Range data)
    {
        data = default;
        if (_atStart && !SkipByteOrderMark(buffer))
        {
            return false;
        }

        while (true)
        {
            if (_afterCr && _scanned < buffer.Length)
            {
                _afterCr = false;
                if (buffer[_scanned] == '\n')
                {
                    _lineStart = ++_scanned;
                }
            }

            var length = buffer[_scanned..].IndexOfAny((byte)'\n', (byte)'\r');
            if (length < 0)
            {
                _scanned = buffer.Length;
                CutLongLine();
                return false;
            }

            var end = _scanned + length;
            var start = _lineStart;
            _afterCr = buffer[end] == '\r';
            _lineStart = _scanned = end + 1;
            if (end == start && !_lineCut)
            {
                if (Dispatch(out data))
                {
                    return true;
                }
            }
            else if (_dropping || end - start > _maxLineBytes)
            {
                Drop();
            }
            else
            {
                Field(buffer, start, end);
            }

            _lineCut = false;
        }
    }

    /// <summary>The first bytes of the buffer were taken away.</summary>
    /// <param name="bytes">How many, at most <see cref="KeepFrom"/>.</param>
    public void Rebase(int bytes)
    {
        _lineStart -= bytes;
        _scanned -= bytes;
        _dataStart = _dataStart < 0 ? -1 : _dataStart - bytes;
        _dataEnd -= bytes;
    }

    /// <summary>The stream ended; the buffer starts empty again. Id and waiting time stay.</summary>
    /// <returns>Whether an event was cut off.</returns>
    public bool End()
    {
        var cut = _dataStart >= 0 || _scanned > _lineStart || _dropping;
        (_lineStart, _scanned, _dataStart, _dataEnd) = (0, 0, -1, 0);
        (_atStart, _afterCr, _dropping, _lineCut) = (true, false, false, false);
        _type = MessageType;
        Copy(_lastId.AsSpan(0, Math.Max(0, _lastIdLength)), ref _id);
        _idLength = _lastIdLength;
        return cut;
    }

    private static void Copy(ReadOnlySpan<byte> from, ref byte[] to)
    {
        if (to.Length < from.Length)
        {
            to = new byte[from.Length];
        }

        from.CopyTo(to);
    }

    private bool SkipByteOrderMark(ReadOnlySpan<byte> buffer)
    {
        var mark = "\uFEFF"u8;
        if (buffer.Length < mark.Length && mark.StartsWith(buffer))
        {
            return false;
        }

        _atStart = false;
        _lineStart = _scanned = buffer.StartsWith(mark) ? mark.Length : 0;
        return true;
    }

    private bool Dispatch(out Utf8Range data)
    {
        if (_idLength >= 0)
        {
            Copy(_id.AsSpan(0, _idLength), ref _lastId);
            _lastIdLength = _idLength;
        }

        var any = _dataStart >= 0;
        data = any ? new Utf8Range(_dataStart, _dataEnd - _dataStart) : default;
        EventType = _type;
        _type = MessageType;
        _dataStart = -1;
        _dropping = false;
        return any;
    }

    private void CutLongLine()
    {
        if (_dropping || _scanned - _lineStart > _maxLineBytes)
        {
            Drop();
            _lineCut |= _scanned > _lineStart;
            _lineStart = _scanned;
        }
    }

    private void Drop()
    {
        TooLong += _dropping ? 0 : 1;
        _dropping = true;
        _dataStart = -1;
    }

    private void Field(Span<byte> buffer, int start, int end)
    {
        var line = buffer[start..end];
        if (line.StartsWith("data:"u8))
        {
            Data(buffer, start + 5, end);
            return;
        }

        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? [] : line[(colon + 1)..];
        if (value.Length > 0 && value[0] == ' ')
        {
            value = value[1..];
        }

        if (name.SequenceEqual("data"u8))
        {
            Data(buffer, end, end);
        }
        else if (name.SequenceEqual("event"u8))
        {
            _type = TypeOf(value);
        }
        else if (name.SequenceEqual("id"u8))
        {
            if (!value.Contains((byte)0))
            {
                Copy(value, ref _id);
                _idLength = value.Length;
            }
        }
        else if (name.SequenceEqual("retry"u8))
        {
            Wait(value);
        }
    }

    private void Data(Span<byte> buffer, int start, int end)
    {
        if (start < end && buffer[start] == ' ')
        {
            start++;
        }

        if (_dataStart < 0)
        {
            (_dataStart, _dataEnd) = (start, end);
        }
        else
        {
            // The new line's own name and end leave room for the line feed between the two.
            buffer[_dataEnd] = (byte)'\n';
            buffer[start..end].CopyTo(buffer[(_dataEnd + 1)..]);
            _dataEnd += 1 + end - start;
        }

        if (_dataEnd - _dataStart > maxEventBytes)
        {
            Drop();
        }
    }

    private static string TypeOf(ReadOnlySpan<byte> value)
    {
        if (value.Length >= 2 && value[0] == '"' && value[^1] == '"')
        {
            value = value[1..^1];
        }

        return value.IsEmpty || value.SequenceEqual("message"u8) ? MessageType : Encoding.UTF8.GetString(value);
    }

    private void Wait(ReadOnlySpan<byte> value)
    {
        if (value.Length is > 0 and <= 9 && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            Retry = TimeSpan.FromMilliseconds(int.Parse(value, provider: null));
        }
    }
}
