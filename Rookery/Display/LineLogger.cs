using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Rookery.Command;

/// <summary>A log of one line per entry: warnings and worse, or everything.</summary>
/// <param name="write">Where lines go; called by one thread at a time.</param>
/// <param name="verbose">Information too, and where exceptions came from.</param>
internal sealed class LineLogger(Action<string> write, bool verbose) : ILoggerFactory
{
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("this log has one place to go to");

    public void Dispose()
    {
    }

    private bool IsEnabled(LogLevel level) => level >= (verbose ? LogLevel.Information : LogLevel.Warning) && level != LogLevel.None;

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var room = category[(category.LastIndexOf('.') + 1)..];
        var line = string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss} {Word(level)} {room}: {message.ReplaceLineEndings(" ")}");
        if (exception is not null)
        {
            line += verbose ? $"\n{exception}" : $" ({exception.Message.ReplaceLineEndings(" ")})";
        }

        lock (_gate)
        {
            write(line);
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error or LogLevel.Critical => "error",
        _ => "debug",
    };

    private sealed class Category(LineLogger log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (log.IsEnabled(logLevel))
            {
                log.Write(logLevel, name, formatter(state, exception), exception);
            }
        }
    }
}
