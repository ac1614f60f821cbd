using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>
/// The events of a request, read and ready to be published: in batches that fit the frames of the journal, with a place for
/// what becomes of each. Nothing is published before all of the body was read.
/// </summary>
internal sealed class StagedEvents(TopicName topic, BrokerLimits limits, bool numbered, int most)
{
    // As large as what a connection of the line protocol hands over at once.
    private const int BatchBytes = 1 << 20;
    private const int BatchCommands = 4096;

    private readonly List<Place> _places = [];
    private readonly ByteBuffer _compact = new();

    public List<TopicCommands> Batches { get; } = [];

    public IReadOnlyList<Place> Places => _places;

    /// <summary>The body was one event, and not a list of them.</summary>
    public bool IsSingle { get; private set; }

    /// <exception cref="HttpFaultException">It is no list of events at all.</exception>
    public void Read(ReadOnlySpan<byte> body, bool lines)
    {
        if (!Utf8.IsValid(body))
        {
            throw HttpFaultException.Bad(HttpErrors.NotUtf8);
        }

        if (lines)
        {
            ReadLines(body);
        }
        else
        {
            ReadJson(body);
        }

        _compact.Release();
    }

    private void ReadLines(ReadOnlySpan<byte> body)
    {
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (!line.Trim(" \t\r"u8).IsEmpty)
            {
                Add(EventParser.Read(line, limits.MaxIdBytes, limits.MaxMessageBytes, numbered, out var read), read);
            }
        }
    }

    private void ReadJson(ReadOnlySpan<byte> body)
    {
        var scanner = new JsonScanner(body);
        switch (scanner.Peek())
        {
            case 0:
                throw HttpFaultException.Bad(HttpErrors.EmptyBody);
            case (byte)'[':
                ReadArray(ref scanner, body);
                return;
            default:
                IsSingle = true;
                var fault = EventParser.Read(body, limits.MaxIdBytes, limits.MaxMessageBytes, numbered, out var read);
                Add(fault, read);
                return;
        }
    }

    private void ReadArray(ref JsonScanner scanner, ReadOnlySpan<byte> body)
    {
        scanner.Take((byte)'[', "");
        if (scanner.Peek() == ']')
        {
            scanner.Take((byte)']', "");
        }
        else
        {
            do
            {
                var fault = ReadElement(ref scanner, body, out var read);
                if (scanner.Fault is not null)
                {
                    throw HttpFaultException.Bad(fault!);
                }

                Add(fault, read);
            }
            while (scanner.Peek() == ',' && scanner.Take((byte)',', ""));

            if (!scanner.Take((byte)']', "expected , or ]"))
            {
                throw NotJson(scanner.Fault!, scanner.At);
            }
        }

        if (scanner.Peek() != 0 || scanner.At < body.Length)
        {
            throw NotJson("more behind the array", scanner.At);
        }
    }

    /// <summary>What is no event is none by itself, as long as the scanner finds its end.</summary>
    private string? ReadElement(ref JsonScanner scanner, ReadOnlySpan<byte> body, out PublishedEvent read)
    {
        if (scanner.Peek() is (byte)'{' or 0)
        {
            return EventParser.ReadNext(ref scanner, body, limits.MaxIdBytes, limits.MaxMessageBytes, numbered, out read);
        }

        read = default;
        var start = scanner.At;
        return scanner.TakeValue(depth: 1)
            ? EventParser.Read(body[start..scanner.At], limits.MaxIdBytes, limits.MaxMessageBytes, numbered, out read)
            : $"bad events: not JSON: {scanner.Fault} at byte {scanner.At}";
    }

    private static HttpFaultException NotJson(string what, int at) => HttpFaultException.Bad($"bad events: not JSON: {what} at byte {at}");

    private void Add(string? fault, in PublishedEvent read)
    {
        if (_places.Count == most)
        {
            throw new HttpFaultException(StatusCodes.Status413PayloadTooLarge, Errors.Fill(HttpErrors.TooManyEvents, $"{most}"));
        }

        if (fault is not null)
        {
            _places.Add(new Place(null, 0, HttpFaultException.Plain(fault)));
            return;
        }

        var message = read.Message;
        if (read.MessageHasSpace)
        {
            _compact.Clear();
            JsonText.Compact(message, _compact);
            message = _compact.Span;
        }

        var batch = Batches.Count > 0 ? Batches[^1] : null;
        if (batch is null || batch.Commands.Length == BatchCommands || batch.Bytes + read.Id.Length + message.Length > BatchBytes)
        {
            batch = new TopicCommands();
            batch.Reset(topic, 0);
            Batches.Add(batch);
        }

        _places.Add(new Place(batch, batch.Commands.Length, null));
        batch.Publish(read.Id, message, read.Priority, read.TimeToLiveMs, read.Number);
    }

    /// <summary>Where the result of an event will be, or why there will be none.</summary>
    internal readonly record struct Place(TopicCommands? Batch, int Index, string? Fault);
}
