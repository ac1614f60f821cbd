namespace Rookery.Hosting;

/// <summary>Asks whether something answers, at most once in two seconds however often somebody wants to know.</summary>
/// <param name="ask">Asks, and says why it does not answer; null: it does. What it throws is explained.</param>
/// <param name="what">What it is that is asked, for people.</param>
/// <param name="time">The clock.</param>
public sealed class Probe(Func<Task<string?>> ask, string what, TimeProvider time)
{
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<string?>? _answer;
    private long _askedAt;

    /// <summary>Why it does not answer; null: it does.</summary>
    public Task<string?> AskAsync()
    {
        lock (_gate)
        {
            if (_answer is null || (_answer.IsCompleted && time.GetElapsedTime(_askedAt) > Holds))
            {
                _askedAt = time.GetTimestamp();
                _answer = Task.Run(AskOnceAsync);
            }

            return _answer;
        }
    }

    private async Task<string?> AskOnceAsync()
    {
        try
        {
            return await ask().WaitAsync(AnswersWithin, time).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it throws: it does not answer.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            return $"{what} does not answer: {exception.GetType().Name}";
        }
    }
}
