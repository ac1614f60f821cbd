using System.Reflection;
using MongoDB.Driver;

namespace Rookery.Cluster.Tests;

/// <summary>A driver with a mistake in it: it hands out databases and collections, and whoever uses one hears something unforeseen.</summary>
public class BrokenMongo : DispatchProxy
{
    private static int _failures;

    /// <summary>Times that somebody heard it.</summary>
    public static int Failures => Volatile.Read(ref _failures);

    public static IMongoClient NewClient() => Create<IMongoClient, BrokenMongo>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == "get_Indexes")
        {
            Interlocked.Increment(ref _failures);
            throw new InvalidOperationException("a mistake in the program");
        }

        return targetMethod.ReturnType.IsInterface ? Create(targetMethod.ReturnType, typeof(BrokenMongo)) : null;
    }
}
