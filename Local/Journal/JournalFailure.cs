using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// Why a journal takes nothing any more, and how much of its last segment the device certainly has. What stands behind that
/// must not be relied on, even where reading works: after a failed sync the operating system may show bytes as written that
/// never reached the device, and forget that they did not.
/// </summary>
/// <param name="Cause">What happened.</param>
/// <param name="Segment">Number of the segment that was being written.</param>
/// <param name="Synced">Up to where the device has it.</param>
/// <param name="Promised">What somebody may have been told about the bytes behind that.</param>
internal sealed record JournalFailure(JournalException Cause, int Segment, long Synced, JournalPromise Promised);

/// <summary>What an append that completed was promised to be.</summary>
internal enum JournalPromise : byte
{
    /// <summary>On the device: behind what is synced, nobody was told anything, and recovery drops it.</summary>
    OnDevice,

    /// <summary>With the operating system: recovery keeps what can be read, and has it written once more elsewhere.</summary>
    Written,
}
