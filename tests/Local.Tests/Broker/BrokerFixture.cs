using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Broker;

namespace Rookery.Local.Tests;

/// <summary>Brokers for tests: over a disk in memory, or in a folder that goes away afterwards.</summary>
internal static class BrokerFixture
{
    public static readonly LocalBrokerOptions Options = new() { Journal = new JournalOptions { SegmentBytes = 256 << 10 } };

    public static Task<LocalBroker> Open(IJournalFiles files, LocalBrokerOptions? options = null, TimeProvider? time = null) =>
        LocalBroker.OpenAsync(options ?? Options, null, () => files, time ?? TimeProvider.System, NullLoggerFactory.Instance);

    public static Task<LocalBroker> Open(string path, LocalBrokerOptions? options = null) =>
        LocalBroker.OpenAsync((options ?? Options) with { Directory = path }, TimeProvider.System, NullLoggerFactory.Instance, default);

    public static SubscribeOptions FromStart(int window = 1000) => new() { Window = window, From = StartPosition.Start };
}

/// <summary>A folder that goes away afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "rookery-" + Guid.NewGuid().ToString("N"));

    /// <summary>Copies what is in another folder now, byte by byte, locks aside.</summary>
    public static TemporaryFolder CopyOf(string path)
    {
        var copy = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(path, "*", SearchOption.AllDirectories))
        {
            if (System.IO.Path.GetFileName(file) == "lock")
            {
                continue;
            }

            var target = System.IO.Path.Combine(copy.Path, System.IO.Path.GetRelativePath(path, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
