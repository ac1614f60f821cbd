using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace Rookery.Command.Tests;

public sealed class LiveSamplerTests
{
    [Fact]
    public async Task A_round_that_fails_is_left_out_and_the_next_one_is_shown()
    {
        var failures = 2;
        var view = new RunView
        {
            Broker = new OddBroker { Ask = () => Interlocked.Decrement(ref failures) >= 0 ? new InvalidOperationException("a mistake") : null },
            FindPipeline = () => null,
            FindLook = () => null,
            BrokerPort = 1,
            Connections = () => 0,
            Troubles = () => [],
            NotReady = () => null,
            History = new RunHistory(TimeProvider.System),
            Uptime = () => TimeSpan.Zero,
        };
        using var sampler = new LiveSampler(view, TimeProvider.System, NullLogger.Instance);
        var events = sampler.Join()!;
        using var deadline = new CancellationTokenSource(Shell.Deadline);
        while (!Encoding.UTF8.GetString(await events.ReadAsync(deadline.Token)).StartsWith("event: status\n", StringComparison.Ordinal))
        {
        }
    }
}
