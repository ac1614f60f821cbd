using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>Keeps how far the change feed has come.</summary>
internal interface IChangeFeedStore
{
    /// <summary>What was saved last; null: nothing was.</summary>
    /// <exception cref="StoreUnavailableException">Not now.</exception>
    Task<ChangeFeedState?> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Saves; completes when it is durable.</summary>
    /// <exception cref="FencedException">Another feed has saved since.</exception>
    /// <exception cref="StoreUnavailableException">Not now; it may have happened.</exception>
    Task SaveAsync(ChangeFeedState state, CancellationToken cancellationToken);
}
