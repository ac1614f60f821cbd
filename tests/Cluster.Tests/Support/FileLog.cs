using Microsoft.Extensions.Logging;

namespace Rookery.Cluster.Tests;

/// <summary>Logs of silos and gateways into one file, for whoever looks into a failure (<c>ROOKERY_TEST_LOG</c>).</summary>
internal sealed class FileLog(string path) : ILoggerProvider
{
    private static readonly Lock Gate = new();

    public ILogger CreateLogger(string categoryName) => new Lines(path, categoryName);

    public void Dispose()
    {
    }

    private sealed class Lines(string path, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (category.StartsWith("Rookery", StringComparison.Ordinal) ? LogLevel.Information : LogLevel.Warning);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lock (Gate)
                {
                    File.AppendAllText(path, $"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {category}: {formatter(state, exception)} {exception}\n");
                }
            }
        }
    }
}
