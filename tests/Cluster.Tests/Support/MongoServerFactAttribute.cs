namespace Rookery.Cluster.Tests;

/// <summary>
/// A test that ends and starts a MongoDB server of its own, by the command in <c>ROOKERY_TEST_MONGODB_COMMAND</c>, in which
/// <c>{port}</c> and <c>{data}</c> (a path under which it keeps its data) are replaced; without one it is skipped, and says so.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MongoServerFactAttribute : FactAttribute
{
    public MongoServerFactAttribute()
    {
        if (Command is null)
        {
            Skip = "needs a MongoDB server to end and start: set ROOKERY_TEST_MONGODB_COMMAND to its command, with {port} and {data}";
        }
    }

    public static string? Command =>
        Environment.GetEnvironmentVariable("ROOKERY_TEST_MONGODB_COMMAND") is { Length: > 0 } command ? command : null;
}
