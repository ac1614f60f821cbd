using System.Buffers;
using Microsoft.Extensions.Logging;
using Rookery.Broker;

namespace Rookery.Local;

/// <summary>
/// Reads frames back for the topics, and tries again what cannot be read at present: a topic takes what it is not given for
/// lost, and what it confirmed must not go because files ran short for a moment.
/// </summary>
internal sealed class FrameReader(IJournalFiles files, TimeProvider time, ILogger logger, JournalMetrics metrics) : IDisposable
{
    /// <summary>Errors of the device before a frame is given up, 25 s after the first: a sector that is broken stays so.</summary>
    private const int MaxDeviceErrors = 9;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly SegmentReaders _segments = new(files);
    private volatile bool _disposed;

    /// <summary>Reads the records of a frame, checked.</summary>
    /// <exception cref="JournalException">They are damaged, or the journal is closed; the message says where.</exception>
    public async ValueTask<IMemoryOwner<byte>> ReadAsync(TopicName topic, long address)
    {
        // A read may wait for the disk: not in the caller's turn.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var errors = 0;
        for (var pause = FirstPause; !_disposed; pause = pause < LongestPause / 2 ? pause * 2 : LongestPause)
        {
            try
            {
                return _segments.Read(topic, address);
            }
            catch (JournalException damage)
            {
                throw Lost(damage);
            }
            catch (SegmentNotOpenedException cause)
            {
                JournalLog.NotRead(logger, Where(topic, address), pause, cause);
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                if (++errors >= MaxDeviceErrors)
                {
                    throw Lost(new JournalException($"{Where(topic, address)} cannot be read: {cause.Message}", cause));
                }

                JournalLog.NotRead(logger, Where(topic, address), pause, cause);
            }
            catch (ObjectDisposedException)
            {
                break;
            }

            metrics.ReadAgain();
            await Task.Delay(pause, time).ConfigureAwait(false);
        }

        throw new JournalException($"the journal in {files.Location} is closed");
    }

    /// <summary>Closes a file that is to be deleted.</summary>
    public void Forget(int segment) => _segments.Forget(segment);

    public void Dispose()
    {
        _disposed = true;
        _segments.Dispose();
    }

    private string Where(TopicName topic, long address) =>
        $"the frame of topic {topic} at offset {FrameAddress.OffsetOf(address)} of {SegmentName.Of(FrameAddress.SegmentOf(address))} in {files.Location}";

    private JournalException Lost(JournalException cause)
    {
        metrics.FrameLost();
        JournalLog.FrameLost(logger, cause);
        return cause;
    }
}
