using Microsoft.Extensions.DependencyInjection;

namespace Rookery.Grains;

/// <summary>Registration of what the broker's grains need.</summary>
public static class TopicServicesExtensions
{
    /// <summary>
    /// Registers the topics of a silo. The silo also has to have a grain storage of the name <see cref="TopicOptions.Storage"/>.
    /// </summary>
    public static IServiceCollection AddTopics(this IServiceCollection services, TopicOptions options) =>
        services.AddSingleton(options).AddSingleton<SiloEnd>().AddSingleton<TopicServices>().AddSingleton<TopicPublisher>();
}
