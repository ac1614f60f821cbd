using Microsoft.Extensions.Logging;
using Rookery.Broker;

namespace Rookery.Grains;

/// <summary>What the change feed logs.</summary>
internal static partial class ChangeFeedLog
{
    [LoggerMessage(60, LogLevel.Information, "the change feed runs here, as {Producer} from {Next} on")]
    public static partial void Started(ILogger logger, string producer, long next);

    [LoggerMessage(61, LogLevel.Warning, "changes cannot be published at present: {Reason}; nothing is lost, they wait")]
    public static partial void Trouble(ILogger logger, string reason);

    [LoggerMessage(62, LogLevel.Information, "changes are published again")]
    public static partial void Recovered(ILogger logger);

    [LoggerMessage(63, LogLevel.Error, "{Topic}: the topic will not take change {Number}: {Reason}; it is left out")]
    public static partial void Refused(ILogger logger, TopicName topic, long number, string reason);

    [LoggerMessage(64, LogLevel.Warning, "the position in the changes is lost: {Reason}; what was stored since {Since:u} is published, some of it once more")]
    public static partial void Lost(ILogger logger, string reason, DateTimeOffset since);

    [LoggerMessage(65, LogLevel.Warning, "{Reason}; what is stored is compared every {Every} instead")]
    public static partial void Unsupported(ILogger logger, string reason, TimeSpan every);

    [LoggerMessage(66, LogLevel.Information, "what is stored was compared: {Changes} changes were published; changes are followed from here")]
    public static partial void Compared(ILogger logger, long changes);

    [LoggerMessage(67, LogLevel.Warning, "the change feed leaves this silo: {Reason}")]
    public static partial void Left(ILogger logger, string reason);

    [LoggerMessage(68, LogLevel.Debug, "the change feed could not be asked for: {Reason}")]
    public static partial void NotKept(ILogger logger, string reason);
}
