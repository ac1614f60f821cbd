namespace Rookery.Grains.Interfaces;

/// <summary>What the failure of a call to a grain says.</summary>
public static class CallErrors
{
    /// <summary>Whether the call was certainly not executed; else it may have been.</summary>
    // The runtime rejects what it could not hand over. A silo that died may have executed what it was sent.
    public static bool WasNotExecuted(Exception error) =>
        error is (OrleansMessageRejectionException and not SiloUnavailableException) or ClientNotAvailableException || WasRefused(error);

    /// <summary>Whether the call was refused because there are too many: at the grain, or at its silo.</summary>
    public static bool WasRefused(Exception error) => error is LimitExceededException or GatewayTooBusyException;
}
