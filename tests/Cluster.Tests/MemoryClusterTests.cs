using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Rookery.Broker;
using Rookery.BrokerGateway;
using Rookery.Grains;

namespace Rookery.Cluster.Tests;

/// <summary>A cluster without MongoDB, made as the programs make it.</summary>
public sealed class MemoryClusterTests : IAsyncLifetime
{
    private readonly Programs _programs = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _programs.DisposeAsync();

    [Fact]
    public async Task Everything_is_in_the_memory_of_the_first_silo_and_outlives_the_others()
    {
        await _programs.StartSiloAsync();
        var second = await _programs.StartSiloAsync();
        var third = await _programs.StartSiloAsync();
        var broker = (await _programs.StartGatewayAsync()).Services.GetRequiredService<ClusterBroker>();
        var client = await Recorder.OpenAsync(broker, new SessionIdentity { Producer = "p" });
        string[] topics = [.. Enumerable.Range(0, 6).Select(i => $"t{i}")];
        foreach (var topic in topics)
        {
            for (var number = 1; number <= 20; number++)
            {
                Assert.Equal(Outcome.Done, (await client.PublishAsync(topic, $"{number}", number)).Outcome);
            }
        }

        await second.StopAsync();
        await third.StopAsync();
        var reader = await Recorder.OpenAsync(broker);
        foreach (var topic in topics)
        {
            await client.PublishSurelyAsync(topic, 21, []);
            await Eventually.HoldsAsync(async () =>
                (await reader.SubscribeAsync(topic, new SubscribeOptions { Window = 100, From = StartPosition.Start })).Outcome == Outcome.Done);
        }

        await reader.UntilAsync(one => one.Delivered.Count >= topics.Length * 21, "not everything that was confirmed is there");
    }

    [Fact]
    public async Task Without_the_first_silo_the_storage_says_so_in_a_line()
    {
        var first = await _programs.StartSiloAsync();
        var storage = (await _programs.StartSiloAsync()).Services.GetRequiredKeyedService<IGrainStorage>(TopicOptions.Storage);
        await first.StopAsync();
        await Eventually.HoldsAsync(async () =>
        {
            var failed = await Record.ExceptionAsync(
                () => storage.ReadStateAsync("log", GrainId.Create("test", "1"), new GrainState<LogRecord> { State = new LogRecord() }));
            return failed is IOException && failed.Message.StartsWith("the first silo, which has everything in its memory, does not answer (", StringComparison.Ordinal)
                && !failed.Message.Contains('\n', StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Records_are_fenced_by_their_tags_and_gone_when_they_are_removed()
    {
        var silo = await _programs.StartSiloAsync();
        var storage = silo.Services.GetRequiredKeyedService<IGrainStorage>(TopicOptions.Storage);
        var key = GrainId.Create("test", "1");
        var record = new GrainState<LogRecord> { State = new LogRecord { Data = [1, 2] } };
        await storage.WriteStateAsync("log", key, record);
        var first = record.ETag;
        record.State = new LogRecord { Data = [3] };
        await storage.WriteStateAsync("log", key, record);

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("log", key, new GrainState<LogRecord> { State = new LogRecord() }));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("log", key, new GrainState<LogRecord> { State = new LogRecord(), ETag = first }));
        var read = new GrainState<LogRecord> { State = new LogRecord() };
        await storage.ReadStateAsync("log", key, read);
        Assert.Equal((true, record.ETag), (read.RecordExists, read.ETag));
        Assert.Equal([3], read.State.Data);

        await storage.ClearStateAsync("log", key, read);
        await storage.ReadStateAsync("log", key, read);
        Assert.Equal((false, null, 0), (read.RecordExists, read.ETag, read.State.Data.Length));
        await storage.WriteStateAsync("log", key, new GrainState<LogRecord> { State = new LogRecord() });
    }
}
