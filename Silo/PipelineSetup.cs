using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rookery.Grains;
using Rookery.Tweets;

namespace Rookery.Silo;

/// <summary>Sets up the tweet half: what it reads with, and, where MongoDB is not there, what it keeps tweets in.</summary>
internal static class PipelineSetup
{
    public static void Configure(ISiloBuilder silo, SiloSettings settings)
    {
        silo.Services.TryAddSingleton(TimeProvider.System);
        if (settings.RuntimeReader)
        {
            silo.Services.AddSingleton<IEventStream, HttpEventStream>();
        }

        if (settings.Pipeline.Source is not null)
        {
            silo.Services.AddSingleton<ILexiconSource, LexiconOfServer>();
        }

        if (!silo.Services.Any(service => service.ServiceType == typeof(ITweetCollection)))
        {
            KeepInMemory(silo.Services, settings);
        }

        silo.AddPipeline(settings.Pipeline);
    }

    private static void KeepInMemory(IServiceCollection services, SiloSettings settings)
    {
        services.AddSingleton<MemoryUsers>(static _ => new MemoryUsers());
        services.AddSingleton(provider => new MemoryOutbox(
            provider.GetRequiredService<TopicPublisher>(), provider.GetRequiredService<MemoryUsers>(), settings.Topics.Limits,
            provider.GetRequiredService<ILogger<MemoryOutbox>>()));
        services.AddSingleton<ITweetCollection>(static provider => new MemoryTweets(outbox: provider.GetRequiredService<MemoryOutbox>()));
        services.AddSingleton<IUserCollection>(static provider =>
        {
            var users = provider.GetRequiredService<MemoryUsers>();
            users.Outbox = provider.GetRequiredService<MemoryOutbox>();
            return users;
        });
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<MemoryOutbox>());
    }
}
