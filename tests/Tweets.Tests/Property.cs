using FsCheck;
using FsCheck.Fluent;

namespace Rookery.Tweets.Tests;

/// <summary>Checks what must hold for any input: FsCheck draws the seeds, the test makes its input of a seed.</summary>
internal static class Property
{
    public static void Holds(Action<Random> test, int tests = 300)
    {
        var property = Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), (int seed) => test(new Random(seed)));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(tests), property);
    }

    public static T Pick<T>(this Random random, params T[] values) => values[random.Next(values.Length)];
}
