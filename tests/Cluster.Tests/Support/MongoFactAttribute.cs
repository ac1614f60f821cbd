namespace Rookery.Cluster.Tests;

/// <summary>A test that needs a MongoDB server, named by <c>ROOKERY_TEST_MONGODB</c> (a connection string); without one it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MongoFactAttribute : FactAttribute
{
    public MongoFactAttribute()
    {
        if (Server is null)
        {
            Skip = "needs a MongoDB server: set ROOKERY_TEST_MONGODB to its connection string";
        }
    }

    public static string? Server => Environment.GetEnvironmentVariable("ROOKERY_TEST_MONGODB") is { Length: > 0 } server ? server : null;
}
