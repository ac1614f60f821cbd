namespace Rookery.Feed;

/// <summary>Says how long to wait before the next message of a connection.</summary>
internal interface IPacer
{
    /// <summary>The pause before the next message; zero for none.</summary>
    TimeSpan NextPause();
}
