using Microsoft.Extensions.Logging;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>The words that sentiment is scored with: those the tweet server serves, else those of this project.</summary>
internal sealed partial class LexiconSource : IDisposable
{
    /// <summary>No lexicon is longer; what is, is none.</summary>
    private const int MaxBytes = 16 << 20;

    private readonly Uri _uri;
    private readonly ILogger _logger;
    private readonly HttpClient _client;

    public LexiconSource(Uri server, TimeSpan timeout, ILogger logger)
    {
        _uri = new Uri(server, "/emotion_values");
        _logger = logger;
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = timeout })
        {
            Timeout = timeout,
            MaxResponseContentBufferSize = MaxBytes,
        };
    }

    /// <summary>Asks the server.</summary>
    /// <returns>Null where it serves none in time.</returns>
    public async Task<Lexicon?> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(_uri, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                LogNone(_uri, $"it answered {(int)response.StatusCode}");
                return null;
            }

            var lexicon = Lexicon.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            if (lexicon.Count == 0)
            {
                LogNone(_uri, "there is no word with a score in what it serves");
                return null;
            }

            LogFound(_uri, lexicon.Count, lexicon.BadLines);
            return lexicon;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            LogNone(_uri, e is TaskCanceledException ? "it did not answer in time" : e.InnerException?.Message ?? e.Message);
            return null;
        }
    }

    public void Dispose() => _client.Dispose();

    [LoggerMessage(LogLevel.Information, "sentiment: {Words} words and phrases from {Uri} ({BadLines} lines were none)")]
    private partial void LogFound(Uri uri, int words, int badLines);

    [LoggerMessage(LogLevel.Warning, "sentiment: no words from {Uri} ({Reason}); keeping those there are")]
    private partial void LogNone(Uri uri, string reason);
}
