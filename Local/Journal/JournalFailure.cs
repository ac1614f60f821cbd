using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// Why a journal takes nothing any more, and how much of its last segment the device certainly has. What stands behind that
/// must not be read back, even where reading works: after a failed sync the operating system may show bytes as written that
/// never reached the device, and forget that they did not.
/// </summary>
internal sealed record JournalFailure(JournalException Cause, int Segment, long? Trusted);
