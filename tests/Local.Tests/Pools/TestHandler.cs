using System.Collections.Concurrent;

namespace Rookery.Local.Tests;

/// <summary>Work for pools under test: an item is a number; some are kill messages, some crash whoever touches them.</summary>
internal sealed class TestHandler : IPoolHandler<int[]>
{
    public const int Kill = -1;
    public const int Poison = -2;

    private int _finished;

    public ConcurrentQueue<(int Item, int Worker)> Done { get; } = [];

    public ConcurrentQueue<int> GivenUp { get; } = [];

    public ConcurrentQueue<Exception> Crashes { get; } = [];

    /// <summary>Batches that were finished.</summary>
    public int Finished => Volatile.Read(ref _finished);

    /// <summary>Workers wait here while it is not set.</summary>
    public ManualResetEventSlim Gate { get; } = new(initialState: true);

    public int[] Items => [.. Done.Select(d => d.Item).Order()];

    public int Count(int[] work) => work.Length;

    public int FindKill(int[] work, int start) => Array.IndexOf(work, Kill, start);

    public void Handle(int[] work, int start, int count, int worker)
    {
        Gate.Wait(TimeSpan.FromSeconds(30));
        var items = work.AsSpan(start, count);
        if (items.Contains(Poison))
        {
            throw new InvalidOperationException("poison");
        }

        foreach (var item in items)
        {
            Done.Enqueue((item, worker));
        }
    }

    public void GiveUp(int[] work, int index, Exception reason) => GivenUp.Enqueue(work[index]);

    public void Finish(int[] work) => Interlocked.Increment(ref _finished);

    public void Crashed(int worker, Exception reason) => Crashes.Enqueue(reason);

    public void Worked(int count, TimeSpan elapsed)
    {
    }
}
