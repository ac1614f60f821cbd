using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Local;

namespace Rookery.Command.Tests;

/// <summary>The part that reads, scores, stores and publishes ends, whatever becomes of publishing.</summary>
public sealed class TweetPartTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly DataDirectory _data = DataDirectory.Open(Directory.CreateTempSubdirectory("rookery-").FullName);

    public void Dispose()
    {
        _data.Dispose();
        Directory.Delete(_data.Root, recursive: true);
    }

    [Fact]
    public async Task Figures_that_are_not_published_any_more_are_a_trouble_and_keep_nothing_from_ending()
    {
        var part = await StartAsync(new OddBroker { Open = () => new InvalidOperationException("no way in") });
        using (var deadline = new CancellationTokenSource(Deadline))
        {
            while (!part.Troubles().Contains("figures are not published any more: no way in"))
            {
                await Task.Delay(20, deadline.Token);
            }
        }

        using (var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(500)))
        {
            await part.StopAsync(deadline.Token).WaitAsync(Deadline);
        }

        await part.DisposeAsync();
        await using var store = new SqliteTweetStore(new SqliteStoreOptions { Folder = _data.Root });
        await store.OpenAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Stopping_takes_no_longer_than_it_may_though_the_broker_never_answers()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var part = await StartAsync(new OddBroker
        {
            Execute = () =>
            {
                asked.TrySetResult();
                return answer.Task;
            },
        });
        await asked.Task.WaitAsync(Deadline);
        using (var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(500)))
        {
            await part.StopAsync(deadline.Token).WaitAsync(Deadline);
        }

        await part.DisposeAsync().AsTask().WaitAsync(Deadline);
        answer.SetResult();
    }

    private async Task<TweetPart> StartAsync(OddBroker broker)
    {
        var parsed = CommandLine.Root(new Shell().Surroundings).Parse(["run", "--viewer-port", "0", "--feed-port", "0", "--rate", "200", "--panic", "0"]);
        var settings = RunCommand.Read(parsed, _ => null);
        return await TweetPart.StartAsync(settings.Tweets!, settings, broker, _data, NullLoggerFactory.Instance, CancellationToken.None);
    }
}
