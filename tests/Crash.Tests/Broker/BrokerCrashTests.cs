using Rookery.Command.Tests;
using Xunit.Abstractions;

namespace Rookery.Crash.Tests;

/// <summary>
/// The broker as a process, killed under load at moments nobody chose, and started again on what it left. Five rounds;
/// <c>ROOKERY_CRASH_ROUNDS</c> asks for more, <c>ROOKERY_SEED</c> for the same again.
/// </summary>
public sealed class BrokerCrashTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-crash-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task What_clients_were_told_holds_whenever_the_broker_is_killed()
    {
        var random = Dice.Roll(output, out var seed);
        var rounds = Dice.Number("ROOKERY_CRASH_ROUNDS", 5);
        var load = new BrokerLoad(random);
        var round = 0;
        try
        {
            for (; round < rounds; round++)
            {
                if (round > 0 && random.Next(5) == 0)
                {
                    await DieWhileStartingAsync(random);
                }

                await DieUnderLoadAsync(load, isFirst: round == 0);
                output.WriteLine($"round {round + 1}: {load.Confirmed} confirmed, {load.Settled} acknowledged, {load.Drops} drops");
            }

            await SettleAsync(load);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"ROOKERY_SEED={seed}, round {round + 1} of {rounds}: {e.Message}", e);
        }
    }

    private async Task DieUnderLoadAsync(BrokerLoad load, bool isFirst)
    {
        await using var run = Start();
        var port = await run.PortAsync("broker on ");
        if (!isFirst)
        {
            await load.CheckTopicsAsync(port, settled: false);
        }

        await load.RunAsync(port, () => run.SignalAsync("KILL"));
        await run.ExitAsync();
        Assert.DoesNotContain("error", run.Error, StringComparison.OrdinalIgnoreCase);
    }

    private async Task DieWhileStartingAsync(Random random)
    {
        await using var run = Start();
        await Task.Delay(random.Next(600));
        await run.SignalAsync("KILL");
        await run.ExitAsync();
    }

    private async Task SettleAsync(BrokerLoad load)
    {
        await using (var run = Start())
        {
            var all = await load.FinishAsync(await run.PortAsync("broker on "));
            await run.SignalAsync("TERM");
            await run.SucceedAsync();
            await all.WaitAsync(RookeryProcess.Deadline);
        }

        load.Check();
        await using var last = Start();
        await load.CheckTopicsAsync(await last.PortAsync("broker on "), settled: true);
        await last.SignalAsync("INT");
        await last.SucceedAsync();
    }

    private RookeryProcess Start() => RookeryProcess.Start("run", "--no-tweets", "--data", _data, "--broker-port", "0");
}
