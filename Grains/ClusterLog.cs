using Microsoft.Extensions.Logging;

namespace Rookery.Grains;

/// <summary>What the grains log.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(1, LogLevel.Information, "topic {Topic} recovered from {Records} records in {Elapsed}; epoch {Epoch}")]
    public static partial void Recovered(ILogger logger, string topic, int records, TimeSpan elapsed, long epoch);

    [LoggerMessage(2, LogLevel.Warning, "topic {Topic} could not be recovered: {Cause}")]
    public static partial void NotRecovered(ILogger logger, string topic, string cause);

    [LoggerMessage(3, LogLevel.Warning, "topic {Topic} leaves this silo, to be recovered from storage: {Cause}")]
    public static partial void Failed(ILogger logger, string topic, string cause);

    [LoggerMessage(4, LogLevel.Warning, "gateway {Gateway} was not heard of for {Lease}; its {Sessions} sessions leave topic {Topic}")]
    public static partial void LeaseEnded(ILogger logger, Guid gateway, TimeSpan lease, int sessions, string topic);

    [LoggerMessage(5, LogLevel.Warning, "topic {Topic}: {What} could not be completed before it left this silo: {Cause}")]
    public static partial void NotFinished(ILogger logger, string topic, string what, string cause);

    [LoggerMessage(6, LogLevel.Error, "topic {Topic}: a mistake in the program ended its activation")]
    public static partial void Broken(ILogger logger, string topic, Exception cause);

    [LoggerMessage(7, LogLevel.Warning, "the catalogue of topics cannot be {What}: {Cause}")]
    public static partial void CatalogFailed(ILogger logger, string what, string cause);

    [LoggerMessage(8, LogLevel.Information, "the name {Name} went from session {Older} to session {Newer}")]
    public static partial void TakenOver(ILogger logger, string name, Guid older, Guid newer);

    [LoggerMessage(9, LogLevel.Warning, "the gateway of session {Session} could not be told that its name was taken over: {Cause}")]
    public static partial void NotTold(ILogger logger, Guid session, string cause);

    [LoggerMessage(10, LogLevel.Error, "{What}; what was in it is lost, the rest of the topic is served")]
    public static partial void Damaged(ILogger logger, string what);

    [LoggerMessage(11, LogLevel.Warning, "topic {Topic} stood still for {Time}; it delivers nothing before it knows that no other silo has it")]
    public static partial void Slept(ILogger logger, string topic, TimeSpan time);

    [LoggerMessage(12, LogLevel.Warning, "topic {Topic} cannot ask whether another silo has it: {Cause}")]
    public static partial void NotAwake(ILogger logger, string topic, string cause);

    [LoggerMessage(13, LogLevel.Error, "topic {Topic}: a mistake in the program kept it from being recovered; it is tried again when the topic is used")]
    public static partial void RecoveryBroken(ILogger logger, string topic, Exception cause);
}
