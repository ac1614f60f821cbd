using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rookery.Grains.Interfaces;
using Rookery.Hosting;
using Rookery.Silo;

namespace Rookery.Cluster.Tests;

/// <summary>What an operator does and sees over HTTP.</summary>
public sealed class PipelineEndpointTests
{
    [Fact]
    public async Task An_operator_reads_why_when_the_storage_or_a_silo_does_not_answer()
    {
        var storage = new SharedStorage
        {
            Before = (what, key) => what == "read" && key.Contains("pipeline", StringComparison.Ordinal) ? throw new IOException("no primary") : Task.CompletedTask,
        };
        var silent = false;
        await using var cluster = await PipelineCluster.StartAsync(storage: storage, more: silo => silo.AddIncomingGrainCallFilter(call =>
            call.Grain is IStreamReaderGrain && silent ? throw new TimeoutException("nothing arrives") : call.Invoke()));
        await using var app = await StartAsync(cluster.Grains);
        using var http = new HttpClient { BaseAddress = Programs.HttpOf(app), Timeout = Recorder.Deadline };
        await SaysAsync(http.GetAsync("pipeline"), "cannot be read at present", "no primary");
        await SaysAsync(http.PostAsync("pipeline/pause", null), "cannot be read at present", "no primary");

        storage.Before = (what, key) => what == "write" && key.Contains("pipeline", StringComparison.Ordinal) ? throw new IOException("no majority") : Task.CompletedTask;
        await SaysAsync(http.PostAsync("pipeline/pause", null), "could not be remembered", "no majority");
        storage.Before = null;
        await Eventually.HoldsAsync(async () =>
        {
            using var answer = await http.PostAsync("pipeline/pause", null);
            return await answer.Content.ReadAsStringAsync() == "paused\n";
        });
        Assert.Contains("\"paused\":true", await http.GetStringAsync("pipeline"), StringComparison.Ordinal);
        silent = true;
        await SaysAsync(http.GetAsync("pipeline"), "the pipeline cannot be asked at present: it did not answer in time");
    }

    private static async Task SaysAsync(Task<HttpResponseMessage> asked, params string[] words)
    {
        using var answer = await asked;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.All(words, word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    private static async Task<WebApplication> StartAsync(IGrainFactory grains)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(grains);
        var app = builder.Build();
        app.MapPipeline(SiloSettings.Read(new Settings(["--storage", "memory", "--tweets", "http://tweets.invalid/"], _ => null)));
        await app.StartAsync();
        return app;
    }
}
