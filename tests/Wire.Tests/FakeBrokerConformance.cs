using Rookery.Broker;
using Rookery.Conformance;

namespace Rookery.Wire.Tests;

/// <summary>Holds the suite itself to something simple, and the wire to the contract.</summary>
public sealed class FakeBrokerConformance() : LineProtocolConformance(() => new(new Host()))
{
    private sealed class Host : ConformanceHost
    {
        private readonly ManualTimeProvider _time = new();
        private readonly FakeBroker _broker;

        public Host() => _broker = new FakeBroker(_time);

        public override IBroker Broker => _broker;

        public override async ValueTask AdvanceAsync(TimeSpan time)
        {
            _time.Advance(time);
            await Task.Yield();
        }
    }
}
