using Microsoft.Extensions.DependencyInjection;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>Registration of the tweet half.</summary>
public static class PipelineServicesExtensions
{
    /// <summary>
    /// Adds the tweet half to a silo that has topics. It also has to register an <see cref="ITweetCollection"/>, an
    /// <see cref="IUserCollection"/> and an <see cref="IEventStream"/>; an <see cref="ILexiconSource"/> where there is one.
    /// </summary>
    public static ISiloBuilder AddPipeline(this ISiloBuilder silo, PipelineOptions options)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddSingleton(options).AddSingleton<WorkerServices>().AddSingleton<PipelineServices>();
        silo.Services.AddSingleton<ByNumberPlacementDirector>();
        silo.AddPlacementDirector<ByNumberPlacement>(static services => services.GetRequiredService<ByNumberPlacementDirector>());
        silo.Services.AddHostedService<PipelineKeeper>();
        silo.Services.AddHostedService<SiloReporter>();
        return silo;
    }
}
