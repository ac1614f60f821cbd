using System.Reflection;
using MongoDB.Driver;

namespace Rookery.Cluster.Tests;

/// <summary>A driver whose server makes indexes, opens a stream of changes where it is told to, and then says nothing, nor looks at tokens.</summary>
public class SilentMongo : DispatchProxy
{
    private bool _opens;

    /// <param name="opens">Whether a stream of changes can be opened.</param>
    public static IMongoClient NewClient(bool opens) => (IMongoClient)New(typeof(IMongoClient), opens);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var result = targetMethod!.ReturnType;
        if (result.IsInterface)
        {
            return New(result, _opens);
        }

        if (!result.IsGenericType || result.GetGenericTypeDefinition() != typeof(Task<>))
        {
            return null;
        }

        var answer = result.GetGenericArguments()[0];
        return targetMethod.Name switch
        {
            "CreateManyAsync" => Task.FromResult(Enumerable.Empty<string>()),
            "WatchAsync" when _opens => typeof(Task).GetMethod(nameof(Task.FromResult))!.MakeGenericMethod(answer).Invoke(null, [New(answer, _opens)]),
            _ => typeof(SilentMongo).GetMethod(nameof(Never), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(answer).Invoke(null, null),
        };
    }

    private static Task<T> Never<T>() => new TaskCompletionSource<T>().Task;

    private static object New(Type type, bool opens)
    {
        var proxy = Create(type, typeof(SilentMongo));
        ((SilentMongo)proxy)._opens = opens;
        return proxy;
    }
}
