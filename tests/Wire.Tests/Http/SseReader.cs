using System.Text.Json;

namespace Rookery.Wire.Tests;

/// <summary>The events of a subscription, one by one, with a deadline.</summary>
public sealed class SseReader : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private SseReader(HttpResponseMessage response, Stream stream) => (_response, _reader) = (response, new StreamReader(stream));

    /// <summary>The session that acknowledgements name.</summary>
    public string Session { get; private set; } = "";

    public static async Task<SseReader> OpenAsync(HttpResponseMessage response)
    {
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var reader = new SseReader(response, await response.Content.ReadAsStreamAsync());
        var (name, _, data) = await reader.NextAsync();
        Assert.Equal("session", name);
        using var json = JsonDocument.Parse(data);
        reader.Session = json.RootElement.GetProperty("session").GetString()!;
        return reader;
    }

    /// <summary>The next event; comments are passed over.</summary>
    public async Task<(string Name, string? Id, string Data)> NextAsync()
    {
        var (name, id, data) = ("message", (string?)null, (string?)null);
        while (await _reader.ReadLineAsync().WaitAsync(ServedHttp.Deadline) is { } line)
        {
            if (line.Length == 0 && data is not null)
            {
                return (name, id, data);
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            (name, id, data) = (colon < 0 ? "" : line[..colon]) switch
            {
                "event" => (line[(colon + 2)..], id, data),
                "id" => (name, line[(colon + 2)..], data),
                "data" => (name, id, line[(colon + 2)..]),
                _ => (name, id, data),
            };
        }

        return ("closed", null, "");
    }

    /// <summary>The next line, comments and all; null at the end.</summary>
    public async Task<string?> LineAsync() => await _reader.ReadLineAsync().WaitAsync(ServedHttp.Deadline);

    /// <summary>The messages of the next events, as JSON.</summary>
    public async Task<string[]> MessagesAsync(int count)
    {
        var messages = new string[count];
        for (var i = 0; i < count; i++)
        {
            using var json = JsonDocument.Parse((await NextAsync()).Data);
            messages[i] = json.RootElement.GetProperty("msg").GetRawText();
        }

        return messages;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
