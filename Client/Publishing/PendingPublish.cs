using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rookery.Client;

/// <summary>A publish on its way: its line in a pooled buffer, kept until it is confirmed so that it can be repeated.</summary>
internal sealed class PendingPublish : PendingCommand
{
    // The longest number with its name, the closing brace and the line's end: ,"n":9223372036854775807}\r\n
    private const int TailBytes = 32;

    private readonly TaskCompletionSource<PublishReceipt> _receipt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PublishWindow _window;
    private readonly string _topic;
    private readonly string _id;
    private readonly int _weight;
    private byte[]? _buffer;
    private int _length;
    private long _number;

    // pub <topic> {"id":"...","priority":3,"ttl_ms":1000,"msg":<json>,"n":17}
    public PendingPublish(PublishWindow window, string topic, string id, ReadOnlySpan<byte> message, PublishOptions options)
    {
        (_window, _topic, _id) = (window, topic, id);
        _weight = Weight(topic, id, message.Length);
        var idToken = JsonEncodedText.Encode(id, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        _buffer = ArrayPool<byte>.Shared.Rent(topic.Length + idToken.Length + message.Length + 80 + TailBytes);
        Append("pub "u8);
        _length += Encoding.ASCII.GetBytes(topic, _buffer.AsSpan(_length));
        Append(" {\"id\":\""u8);
        Append(idToken);
        Append("\""u8);
        if (options.Priority != 0)
        {
            AppendNumber(",\"priority\":"u8, options.Priority);
        }

        if (options.TimeToLive > TimeSpan.Zero)
        {
            AppendNumber(",\"ttl_ms\":"u8, Math.Max(1, (long)options.TimeToLive.TotalMilliseconds));
        }

        Append(",\"msg\":"u8);
        var start = _length;
        Append(message);

        // A line break in JSON can only be white space between its parts; on the wire it would end the command.
        var copied = _buffer.AsSpan(start, message.Length);
        copied.Replace((byte)'\n', (byte)' ');
        copied.Replace((byte)'\r', (byte)' ');
    }

    public Task<PublishReceipt> Receipt => _receipt.Task;

    /// <summary>Bytes that such an event takes of the window.</summary>
    public static int Weight(string topic, string id, int messageBytes) => topic.Length + id.Length + messageBytes + 80;

    /// <summary>Gives it its number (0: none) and closes its line.</summary>
    /// <param name="number">The number.</param>
    /// <param name="longest">Bytes of the longest line that the broker reads; for a longer one it would close the connection.</param>
    /// <exception cref="RookeryException">Its line is longer.</exception>
    public void Close(long number, int longest)
    {
        _number = number;
        if (number > 0)
        {
            AppendNumber(",\"n\":"u8, number);
        }

        Append("}"u8);
        if (_length > longest)
        {
            throw new RookeryException($"event {_id} for {_topic} would make a line of {_length} bytes; the broker reads at most {longest}");
        }

        Append("\r\n"u8);
    }

    public override void WriteTo(IBufferWriter<byte> output) => output.Write(_buffer.AsSpan(0, _length));

    public override void Reply(ReadOnlySpan<byte> line)
    {
        if (PublishReceipt.TryReadSequence(line, out var sequence))
        {
            ClientMetrics.Published.Add(1);
            if (Release())
            {
                _receipt.TrySetResult(new PublishReceipt(_topic, sequence, _id));
            }
        }
        else
        {
            var text = Encoding.UTF8.GetString(line);

            // Not repeated, even with a number: where a higher one was stored meanwhile, the broker would confirm it without storing it.
            End(Lines.IsUnknownOutcome(text) ? new UnknownOutcomeException(text) { Number = _number } : RookeryException.Of(text));
        }
    }

    public override bool SurvivesLoss(Exception reason)
    {
        if (_number == 0)
        {
            Fail(reason, sent: true);
        }

        return _number > 0;
    }

    public override void Fail(Exception reason, bool sent) =>
        End(sent
            ? new UnknownOutcomeException($"event {_id} for {_topic} may or may not have been stored: {reason.Message}", reason) { Number = _number }
            : reason);

    /// <summary>Gives its memory and its room back without telling anybody.</summary>
    public bool Release()
    {
        if (Interlocked.Exchange(ref _buffer, null) is not { } buffer)
        {
            return false;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        _window.Leave(_weight);
        return true;
    }

    private void End(Exception reason)
    {
        if (Release())
        {
            _receipt.TrySetException(reason);
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void AppendNumber(ReadOnlySpan<byte> name, long number)
    {
        Append(name);
        Utf8Formatter.TryFormat(number, _buffer.AsSpan(_length), out var written);
        _length += written;
    }
}
