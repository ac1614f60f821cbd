using System.Globalization;
using Microsoft.Extensions.Logging;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>A log of one line per entry: warnings and worse, or everything.</summary>
/// <param name="write">Where lines go; called by one thread at a time.</param>
/// <param name="verbose">Information too, and where exceptions came from.</param>
/// <param name="json">Each a JSON object: <c>time</c>, <c>level</c>, <c>category</c>, <c>event</c>, <c>message</c>, what the message is about by its names, <c>exception</c>.</param>
internal sealed class LineLogger(Action<string> write, bool verbose, bool json = false) : ILoggerFactory
{
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("this log has one place to go to");

    public void Dispose()
    {
    }

    /// <summary>A warning of the program itself.</summary>
    public void Warn(string warning)
    {
        lock (_gate)
        {
            write(json ? Json(LogLevel.Warning, "Rookery", default, warning, null, null) : $"rookery: {warning}");
        }
    }

    private bool IsEnabled(LogLevel level) => level >= (verbose ? LogLevel.Information : LogLevel.Warning) && level != LogLevel.None;

    private string Json(LogLevel level, string category, EventId id, string message, object? about, Exception? exception) => RelaxedJson.Text(RelaxedJson.Members(to =>
    {
        to.WriteString("time", DateTime.UtcNow);
        to.WriteString("level", Word(level));
        to.WriteString("category", category);
        if (id.Name is { } name)
        {
            to.WriteString("event", name);
        }

        to.WriteString("message", message);
        foreach (var (member, value) in about as IReadOnlyList<KeyValuePair<string, object?>> ?? [])
        {
            if (member != "{OriginalFormat}")
            {
                // Behind a word of their own, so that none of them is one of the names above.
                to.WriteString($"about.{char.ToLowerInvariant(member[0])}{member[1..]}", Convert.ToString(value, CultureInfo.InvariantCulture));
            }
        }

        if (exception is not null)
        {
            to.WriteString("exception", verbose ? exception.ToString() : exception.Message);
        }
    }));

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

    private void Write(LogLevel level, string category, EventId id, string message, object? about, Exception? exception)
    {
        if (!json)
        {
            Write(level, category, message, exception);
            return;
        }

        var line = Json(level, category, id, message, about, exception);
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
                log.Write(logLevel, name, eventId, formatter(state, exception), state, exception);
            }
        }
    }
}
