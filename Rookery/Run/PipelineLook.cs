using Rookery.Local;

namespace Rookery.Command;

/// <summary>
/// The figures of the pipeline for all who ask for them together: the status line, the page with its history, the meters. A look goes
/// through the whole pipeline, so there is one for all of them. Any thread.
/// </summary>
/// <param name="take">Looks.</param>
/// <param name="time">The clock.</param>
internal sealed class PipelineLook(Func<PipelineStatus> take, TimeProvider time)
{
    // Who asks in the same tick asks within much less; who asks each second for rates does not notice it.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private PipelineStatus? _status;
    private long _taken;

    /// <summary>Something was done whose effect is to be seen at once.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _status = null;
        }
    }

    /// <summary>The figures, at most a tenth of a second old.</summary>
    public PipelineStatus Take()
    {
        lock (_gate)
        {
            if (_status is null || time.GetElapsedTime(_taken) >= Together)
            {
                (_status, _taken) = (take(), time.GetTimestamp());
            }

            return _status;
        }
    }
}
