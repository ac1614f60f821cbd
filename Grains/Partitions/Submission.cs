using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>Something handed to a partition, until it is durable.</summary>
/// <param name="Number">By which the same is recognised when it is sent again.</param>
/// <param name="Work">What it is.</param>
/// <param name="Bytes">How large it is.</param>
internal sealed record Submission<T>(long Number, T Work, int Bytes)
{
    private readonly TaskCompletionSource<AddReply> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When it was sent last, in timestamps.</summary>
    public long HeardAt { get; set; }

    /// <summary>Says what came of it.</summary>
    public void Complete(AddReply reply) => _done.TrySetResult(reply);

    /// <summary>What came of it, or after a while that nothing has yet, and why.</summary>
    /// <remarks>So that no call outlives its deadline: the caller sends the same again.</remarks>
    public async Task<AddReply> AnswerAsync(TimeSpan within, TimeProvider time, Func<string?> trouble)
    {
        try
        {
            return await _done.Task.WaitAsync(within, time);
        }
        catch (TimeoutException)
        {
            return trouble() is { } why ? new AddReply(AddStatus.Unavailable, why) : AddReply.Pending;
        }
    }
}
