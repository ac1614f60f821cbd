using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Rookery.Grains;

/// <summary>Registration of the change feed.</summary>
public static class ChangeFeedExtensions
{
    /// <summary>
    /// Lets the silo run the change feed, where it is its turn. The silo has to have topics
    /// (<see cref="TopicServicesExtensions.AddTopics"/>) and an <see cref="IChangeSource"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public static IServiceCollection AddChangeFeed(this IServiceCollection services, ChangeFeedOptions? options = null)
    {
        options ??= new ChangeFeedOptions();
        options.Validate();
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton(options).AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ChangeFeedKeeper>();
    }
}
