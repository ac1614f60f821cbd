using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Rookery.Local.Tests;

/// <summary>Keeps what a pipeline logs.</summary>
internal sealed class PipelineLog : ILogger<TweetPipeline>
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));
}
