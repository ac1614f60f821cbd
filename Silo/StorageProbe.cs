using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Rookery.Grains;

namespace Rookery.Silo;

/// <summary>Whether grain storage answers, asked at most once in two seconds however often somebody wants to know.</summary>
internal sealed class StorageProbe([FromKeyedServices(TopicOptions.Storage)] IGrainStorage storage, TimeProvider time)
{
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(2);
    private static readonly GrainId Nothing = GrainId.Create("health", "probe");

    private readonly Lock _gate = new();
    private Task<string?>? _answer;
    private long _askedAt;

    /// <summary>Why storage cannot be reached; null: it can.</summary>
    public Task<string?> AskAsync()
    {
        lock (_gate)
        {
            if (_answer is null || (_answer.IsCompleted && time.GetElapsedTime(_askedAt) > Holds))
            {
                _askedAt = time.GetTimestamp();
                _answer = Task.Run(ReadAsync);
            }

            return _answer;
        }
    }

    private async Task<string?> ReadAsync()
    {
        try
        {
            var state = new GrainState<LogRecord> { State = new LogRecord() };
            await storage.ReadStateAsync("log", Nothing, state).WaitAsync(AnswersWithin, time).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // Whatever the provider throws: it cannot be read.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            return $"storage does not answer: {exception.GetType().Name}";
        }
    }
}
