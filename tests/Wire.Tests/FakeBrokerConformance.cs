using Rookery.Broker;
using Rookery.Conformance;

namespace Rookery.Wire.Tests;

/// <summary>Holds the suite itself to something simple, and the wire to the contract.</summary>
public sealed class FakeBrokerConformance() : LineProtocolConformance(() => new(new FakeHost()));

/// <summary>The same for what a restart leaves.</summary>
public sealed class FakeBrokerRestartConformance() : RestartConformance(() => new(new FakeHost()));

internal sealed class FakeHost : ConformanceHost
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeBroker _broker;

    public FakeHost() => _broker = new FakeBroker(_time);

    public override IBroker Broker => _broker;

    public override async ValueTask AdvanceAsync(TimeSpan time)
    {
        _time.Advance(time);
        await Task.Yield();
    }

    public override ValueTask RestartAsync()
    {
        _broker.Restart();
        return ValueTask.CompletedTask;
    }
}
