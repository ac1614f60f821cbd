using FsCheck;
using FsCheck.Fluent;

namespace Rookery.Broker.Tests.Model;

/// <summary>
/// Random commands, clock moves, failed writes and crashes, held against the reference after every step. A failure prints
/// the seed and the shortest run found.
/// </summary>
public class ModelTests
{
    private static readonly Arbitrary<Step[]> Runs = Arb.From(
        (from kind in Gen.Choose(0, 102) from who in Gen.Choose(0, 5) from number in Gen.Choose(0, 999) select new Step(kind, who, number))
            .ArrayOf(),
        Shrink);

    /// <summary>Runs per test; the environment may ask for more than the default.</summary>
    private static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("ROOKERY_MODEL_RUNS"), out var count) ? count : 150;

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(0)]
    public void A_topic_does_what_the_reference_does(int cacheBytes) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Count).WithStartSize(20).WithEndSize(300),
            Prop.ForAll(Runs, steps => Run(steps, cacheBytes)));

    private static bool Run(Step[] steps, int cacheBytes)
    {
        var machine = new TopicMachine(cacheBytes);
        foreach (var step in steps)
        {
            machine.Run(step);
        }

        return true;
    }

    private static IEnumerable<Step[]> Shrink(Step[] steps)
    {
        for (var size = steps.Length / 2; size > 0; size /= 2)
        {
            for (var start = 0; start + size <= steps.Length; start += size)
            {
                yield return [.. steps[..start], .. steps[(start + size)..]];
            }
        }
    }
}
