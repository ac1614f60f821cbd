namespace Rookery.Grains.Interfaces;

/// <summary>What the failure of a call to a grain says.</summary>
public static class CallErrors
{
    /// <summary>Whether the call was certainly not executed; else it may have been.</summary>
    // The runtime rejects what it could not hand over. A silo that died may have executed what it was sent.
    public static bool WasNotExecuted(Exception error) =>
        error is (OrleansMessageRejectionException and not SiloUnavailableException) or ClientNotAvailableException || WasRefused(error);

    /// <summary>What became of it in words for people who know of no runtime.</summary>
    public static string Explain(Exception error) => error switch
    {
        TimeoutException => "it did not answer in time",
        SiloUnavailableException => "the silo it was on is gone",
        OrleansMessageRejectionException or ClientNotAvailableException => "no silo has it at present",
        _ => $"a call of it failed ({error.GetType().Name})",
    };

    /// <summary>Whether a failure is one of those that come with silos that come and go.</summary>
    public static bool IsOrdinary(Exception error) => error is TimeoutException or OrleansMessageRejectionException or ClientNotAvailableException;

    /// <summary>Whether the call was refused because there are too many: at the grain, or at its silo.</summary>
    public static bool WasRefused(Exception error) => error is LimitExceededException or GatewayTooBusyException;
}
