using Microsoft.Extensions.Logging;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>What the tweet half logs.</summary>
internal static partial class PipelineLog
{
    [LoggerMessage(40, LogLevel.Error, "{Stage}: {Tweets} tweets stay without this score: {Cause}")]
    public static partial void NotScored(ILogger logger, Stages stage, int tweets, string cause);

    [LoggerMessage(41, LogLevel.Warning, "{Who}: the store cannot {What}: {Cause}; it is tried again")]
    public static partial void StoreDown(ILogger logger, string who, string what, string cause);

    [LoggerMessage(42, LogLevel.Information, "{Who}: the store is back")]
    public static partial void StoreUp(ILogger logger, string who);

    [LoggerMessage(43, LogLevel.Error, "{Who}: the store cannot write {What}, now or later: {Cause}")]
    public static partial void StoreRejected(ILogger logger, string who, string what, string cause);

    [LoggerMessage(44, LogLevel.Warning, "{Who} ends here: {Cause}")]
    public static partial void PartitionEnded(ILogger logger, string who, string cause);

    [LoggerMessage(60, LogLevel.Information, "{Who} ends here, with what it was handed not all written: its successor goes on from what it noted")]
    public static partial void PartitionLeft(ILogger logger, string who);

    [LoggerMessage(45, LogLevel.Error, "{Who}: a mistake in the program ended it; it begins again from what is stored")]
    public static partial void PartitionBroken(ILogger logger, string who, Exception cause);

    [LoggerMessage(46, LogLevel.Information, "{Who}: batch {Batch} was unfinished; {Written} of its {Entries} tweets are stored, and are counted now")]
    public static partial void Recovered(ILogger logger, string who, long batch, int written, int entries);

    [LoggerMessage(47, LogLevel.Information, "stream {Number}: read here, from {Source}, behind event {Position}")]
    public static partial void StreamStarted(ILogger logger, long number, Uri source, string position);

    [LoggerMessage(48, LogLevel.Warning, "stream {Number}: {Cause}; connecting again")]
    public static partial void StreamClosed(ILogger logger, long number, string cause);

    [LoggerMessage(49, LogLevel.Warning, "stream {Number}: is not read here any more: {Cause}")]
    public static partial void StreamEnded(ILogger logger, long number, string cause);

    [LoggerMessage(50, LogLevel.Warning, "stream {Number} cannot be kept at present: {Cause}")]
    public static partial void StreamNotKept(ILogger logger, long number, string cause);

    [LoggerMessage(51, LogLevel.Warning, "{What} could not be published: {Cause}")]
    public static partial void NotPublished(ILogger logger, string what, string cause);

    [LoggerMessage(52, LogLevel.Information, "the pipeline is {State}")]
    public static partial void Paused(ILogger logger, string state);

    [LoggerMessage(53, LogLevel.Warning, "whether the pipeline is paused is not known at present: {Cause}")]
    public static partial void PauseUnknown(ILogger logger, string cause);

    [LoggerMessage(71, LogLevel.Warning, "the clock of silo process {Silo} is more than {Ahead} ahead of this one; its hashtags of the future are left out")]
    public static partial void ClockAhead(ILogger logger, Guid silo, TimeSpan ahead);

    [LoggerMessage(70, LogLevel.Error, "stream {Number}: a partition cannot read tweets that it was sent; they are dropped")]
    public static partial void NotTaken(ILogger logger, long number);
}
