using System.Diagnostics;
using Rookery.Feed;

namespace Rookery.Bench;

/// <summary>The tweet server in a process of its own, so that its processor time is not counted as the pipeline's.</summary>
internal sealed class FeedProcess : IDisposable
{
    public const string Verb = "serve-tweets";

    private readonly Process _process;

    private FeedProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>What the child does: serve until standard input ends, which it does when its parent is gone.</summary>
    public static async Task ServeAsync()
    {
        await using var server = new TweetServer(new FeedOptions { Port = 0, Rate = FeedRate.Unlimited, Seed = 42 });
        await server.StartAsync(CancellationToken.None).ConfigureAwait(false);
        Console.WriteLine(server.Address);
        await Console.In.ReadToEndAsync().ConfigureAwait(false);
    }

    public static FeedProcess Start()
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { Verb },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var address = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the tweet server did not start");
        return new FeedProcess(process, new Uri(address));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
