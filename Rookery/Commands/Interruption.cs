using System.Runtime.InteropServices;

namespace Rookery.Command;

/// <summary>A wish to stop: the first asks, the second insists.</summary>
internal class Interruption(TimeProvider? time = null) : IDisposable
{
    /// <summary>
    /// One Ctrl-C may come more than once: a terminal tells every process of the group, and wrappers pass it on besides.
    /// What follows within this time is the same request.
    /// </summary>
    public static readonly TimeSpan SameRequest = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _insisted = new();
    private long? _first;

    /// <summary>Cancelled at the first request: finish what is under way and end.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Cancelled at the second: end now.</summary>
    public CancellationToken Insisted => _insisted.Token;

    /// <summary>Somebody asked; known also when it is disposed of.</summary>
    public bool WasAsked { get; private set; }

    public void Request()
    {
        bool again;
        lock (_gate)
        {
            again = _first is { } first && _time.GetElapsedTime(first) >= SameRequest;
            _first ??= _time.GetTimestamp();
            WasAsked = true;
        }

        (again ? _insisted : _asked).Cancel();
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _asked.Dispose();
        _insisted.Dispose();
    }
}

/// <summary>Ctrl-C and SIGTERM as requests; after the second the process has a moment, then it is ended.</summary>
internal sealed class SignalInterruption : Interruption
{
    // Longer than a locked database keeps a write waiting: what is given up is still counted and told.
    private static readonly TimeSpan LastMoment = TimeSpan.FromSeconds(3);

    private readonly PosixSignalRegistration[] _signals;
    private Timer? _end;

    public SignalInterruption()
    {
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Take), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take)];
        Insisted.Register(() => _end = new Timer(_ => Environment.Exit(ExitCode.Interrupted), null, LastMoment, Timeout.InfiniteTimeSpan));
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        _end?.Dispose();
        base.Dispose(disposing);
    }

    private void Take(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Request();
    }
}
