using Microsoft.Extensions.Logging;
using Rookery.Grains;
using Rookery.Local;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>The words that the tweet server serves, fetched as the one-process host fetches them.</summary>
internal sealed class LexiconOfServer(PipelineOptions options, ILogger<LexiconOfServer> logger) : ILexiconSource, IDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(3);

    private readonly LexiconSource _source = new(options.Source!, Within, logger);

    public Task<Lexicon?> FetchAsync(CancellationToken cancellationToken) => _source.FetchAsync(cancellationToken);

    public void Dispose() => _source.Dispose();
}
