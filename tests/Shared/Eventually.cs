namespace Rookery.Tests;

/// <summary>Waits for what nothing tells of, by looking again and again until a deadline.</summary>
internal static class Eventually
{
    /// <summary>Long enough for a busy machine.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until something is so.</summary>
    /// <param name="holds">Whether it is.</param>
    /// <param name="otherwise">What the failure says; asked when it fails.</param>
    /// <param name="deadline">Time that it may take; default <see cref="Deadline"/>.</param>
    public static async Task HoldsAsync(Func<Task<bool>> holds, Func<string>? otherwise = null, TimeSpan? deadline = null)
    {
        using var end = new CancellationTokenSource(deadline ?? Deadline);
        while (!await holds())
        {
            Assert.False(end.IsCancellationRequested, otherwise?.Invoke() ?? $"it did not come to be within {deadline ?? Deadline}");
            await Task.Delay(Look, CancellationToken.None);
        }
    }

    /// <summary>Waits until something is so.</summary>
    public static Task HoldsAsync(Func<bool> holds, Func<string>? otherwise = null, TimeSpan? deadline = null) =>
        HoldsAsync(() => Task.FromResult(holds()), otherwise, deadline);
}
