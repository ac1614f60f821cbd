using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Xunit.Abstractions;

namespace Rookery.Cluster.Crash.Tests;

/// <summary>
/// Silos and gateways as processes, killed, stopped and restarted under load, at moments nobody chose. What clients were told
/// must hold: no confirmed event is lost, none comes after its confirmed ack, each is there once. Three rounds;
/// <c>ROOKERY_CLUSTER_CRASH_ROUNDS</c> asks for more, <c>ROOKERY_SEED</c> for the same dice. The tests share three silos and two
/// gateways, and have topics of their own.
/// </summary>
public sealed class ProcessCrashTests(ProcessCrashTests.ThreeSilos shared, ITestOutputHelper output) : IClassFixture<ProcessCrashTests.ThreeSilos>
{
    [Fact]
    public Task What_clients_were_told_holds_whenever_the_silo_of_the_busy_topic_is_killed() => UnderLoadAsync(async (cluster, load, random) =>
    {
        var rounds = Dice.Number("ROOKERY_CLUSTER_CRASH_ROUNDS", 3);
        for (var round = 1; round <= rounds; round++)
        {
            await load.ConfirmedAsync(random.Next(20, 100));
            await Task.Delay(random.Next(200));
            var silo = await cluster.SiloOfAsync(load.Busy);
            await silo.SignalAsync("KILL");
            Say($"round {round}: {silo.Name} was killed; the longest gap between two confirms was", await load.ConfirmedAsync(5));
            await cluster.ReadyAsync();
        }
    });

    [Fact]
    public Task A_gateway_is_killed_and_its_clients_go_on_at_another() => UnderLoadAsync(async (cluster, load, random) =>
    {
        await load.ConfirmedAsync(random.Next(20, 100));
        await cluster.Gateways[0].SignalAsync("KILL");
        Say("a gateway was killed; the longest gap between two confirms was", await load.ConfirmedAsync(20));
        await cluster.ReadyAsync();
        await load.ConfirmedAsync(20);
    });

    [Fact]
    public Task All_silos_are_restarted_one_after_the_other_and_every_publish_has_a_certain_outcome() => UnderLoadAsync(async (cluster, load, random) =>
    {
        await load.ConfirmedAsync(20);
        foreach (var silo in cluster.Silos)
        {
            await Task.Delay(random.Next(200));
            await silo.RestartAsync("TERM");
            Say($"{silo.Name} was restarted; the longest gap between two confirms was", await load.ConfirmedAsync(20));
        }

        Assert.Equal(0, load.Unknown);
    });

    [Fact]
    public async Task A_silo_stands_still_its_topic_moves_and_when_it_wakes_it_contradicts_nobody()
    {
        await using var two = await LocalCluster.StartAsync(new() { Silos = 2, Gateways = 2 });
        await UnderLoadAsync(two, StandsStillAsync);
    }

    [Fact]
    public Task One_of_three_silos_stands_still_and_the_others_agree_that_it_is_dead() => UnderLoadAsync(async (cluster, load, random) =>
    {
        var rounds = Dice.Number("ROOKERY_CLUSTER_STOP_ROUNDS", 1);
        for (var round = 1; round <= rounds; round++)
        {
            await StandsStillAsync(cluster, load, random);
        }
    });

    [Fact]
    public async Task Silos_join_under_load_and_nobody_notices()
    {
        await using var one = await LocalCluster.StartAsync(new() { Silos = 1, Gateways = 1 });
        await UnderLoadAsync(one, async (cluster, load, _) =>
        {
            await load.ConfirmedAsync(20);
            await Task.WhenAll(cluster.AddSiloAsync(), cluster.AddSiloAsync());
            Say("two silos joined; the longest gap between two confirms was", await load.ConfirmedAsync(50));
            Assert.Equal(0, load.Unknown);
        });
    }

    [Fact]
    public Task Storage_is_down_under_load_and_publishing_goes_on_by_itself_when_it_is_back() => UnderLoadAsync(async (cluster, load, _) =>
    {
        await load.ConfirmedAsync(50);
        try
        {
            cluster.IsStorageDown = true;

            // What was being written as it went down may be confirmed yet; nothing after that.
            await load.RefusedAsync();
            var confirmed = load.Confirmed;
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began).TotalSeconds < Dice.Number("ROOKERY_STORAGE_DOWN_SECONDS", 5);)
            {
                await Task.Delay(50);
                Assert.Equal(confirmed, load.Confirmed);
            }
        }
        finally
        {
            cluster.IsStorageDown = false;
        }

        var begin = DateTime.UtcNow;
        await load.ConfirmedAsync(1);
        Say("storage came back; every publisher went on after", DateTime.UtcNow - begin);
        await load.ConfirmedAsync(50);
    });

    private async Task StandsStillAsync(LocalCluster cluster, ClusterLoad load, Random random)
    {
        await load.ConfirmedAsync(random.Next(20, 100));
        var silo = await cluster.SiloOfAsync(load.Busy);
        await silo.SignalAsync("STOP");
        try
        {
            Say($"{silo.Name} of {cluster.Silos.Count} stands still; the longest gap between two confirms was", await load.ConfirmedAsync(30));
        }
        finally
        {
            await silo.SignalAsync("CONT");
        }

        await load.ConfirmedAsync(30);
        await cluster.ReadyAsync();
        await load.ConfirmedAsync(30);
    }

    private Task UnderLoadAsync(Func<LocalCluster, ClusterLoad, Random, Task> happens, [CallerMemberName] string name = "") =>
        UnderLoadAsync(shared.Cluster, happens, name);

    private async Task UnderLoadAsync(LocalCluster cluster, Func<LocalCluster, ClusterLoad, Random, Task> happens, [CallerMemberName] string name = "")
    {
        var random = Dice.Roll(output, out var seed);
        await cluster.ReadyAsync();
        using var load = new ClusterLoad(() => cluster.Ports, random, $"-{name[..20]}");
        try
        {
            load.Start();
            await load.PublishAsync();
            await happens(cluster, load, random);
            await load.CheckAsync(cluster.RestartGatewaysAsync);
            output.WriteLine($"{load.Confirmed} confirmed, {load.Settled} acknowledged, {load.Unknown} outcomes unknown");
            Console.WriteLine($"{load.Confirmed} confirmed, {load.Settled} acknowledged, {load.Unknown} outcomes unknown");
        }
        catch (Exception e)
        {
            var said = string.Join("\n", cluster.Silos.Concat(cluster.Gateways).Select(member => $"--- {member.Name}, started again {member.Restarts} times:\n{member.All}"));
            throw new InvalidOperationException($"ROOKERY_SEED={seed}: {e.Message}\n{said}", e);
        }
    }

    private void Say(string what, TimeSpan time)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{what} {time.TotalSeconds:N1} s");
        output.WriteLine(line);
        Console.WriteLine(line);
    }

    /// <summary>The processes that tests share, each of which finds all of them ready.</summary>
    public sealed class ThreeSilos : IAsyncLifetime
    {
        internal LocalCluster Cluster { get; private set; } = null!;

        public async Task InitializeAsync() => Cluster = await LocalCluster.StartAsync(new() { Silos = 3, Gateways = 2 });

        public async Task DisposeAsync() => await Cluster.DisposeAsync();
    }
}
