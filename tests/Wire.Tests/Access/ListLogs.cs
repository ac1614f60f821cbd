using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Rookery.Wire.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class ListLogs : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public Task WaitAsync(string text) =>
        ServedBroker.EventuallyAsync(() => _lines.Any(l => l.Contains(text, StringComparison.Ordinal)), $"a log line with: {text}");

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));

    public void Dispose()
    {
    }
}
