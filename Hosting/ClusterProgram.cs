using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Rookery.Hosting;

/// <summary>What the programs of the cluster have in common: how they start, log and end.</summary>
public static class ClusterProgram
{
    /// <summary>
    /// Reads the settings, builds the program and runs it until it is told to end. With <c>health</c> as the first argument
    /// it asks the one that runs with the same settings whether it is ready, for images that have nothing else to ask with; with
    /// <c>--help</c> it says which settings there are.
    /// </summary>
    /// <param name="name">The program's name, for what it says on standard error.</param>
    /// <param name="args">Its command line.</param>
    /// <param name="health">Where one that runs with these settings is asked how it is.</param>
    /// <param name="build">Builds it.</param>
    /// <returns>The exit code: 0, or 1 where it could not start, or is not ready.</returns>
    public static async Task<int> RunAsync(string name, string[] args, Func<Settings, Uri> health, Func<Settings, WebApplication> build)
    {
        ArgumentNullException.ThrowIfNull(health);
        ArgumentNullException.ThrowIfNull(build);
        try
        {
            if (args is ["health", .. var same])
            {
                var program = health(new Settings(same, Environment.GetEnvironmentVariable));
                return await Health.AskAsync(name, program, isHere: true, Console.Out, Console.Error).ConfigureAwait(false);
            }

            if (args is ["--help" or "-h" or "help"])
            {
                await HelpAsync(name, build).ConfigureAwait(false);
                return 0;
            }

            await using var app = build(new Settings(args, Environment.GetEnvironmentVariable));
            await app.RunAsync().ConfigureAwait(false);
            return 0;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or IOException)
        {
            await Console.Error.WriteLineAsync($"{name}: {exception.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    private static async Task HelpAsync(string name, Func<Settings, WebApplication> build)
    {
        // Whatever the environment has: what is asked for is what holds without it.
        var settings = new Settings([], static _ => null);
        await using (build(settings).ConfigureAwait(false))
        {
            await Console.Out.WriteLineAsync(
                $"""
                {name}: a process of a Rookery cluster (docs/CLUSTER.md). It runs until SIGINT or SIGTERM.
                {name} health: asks the one that runs with the same settings, which follow or are in the environment, whether it is ready.

                Settings, as --name value or as a variable, with what holds unless they are set:
                {string.Join(Environment.NewLine, settings.Describe())}
                """).ConfigureAwait(false);
        }
    }

    /// <summary>Where a program of this machine is asked how it is.</summary>
    /// <param name="settings">Its settings; <c>http-address</c> and <c>http-port</c> are read.</param>
    /// <param name="httpPort">Where it serves HTTP unless it is told otherwise.</param>
    /// <param name="scheme"><c>http</c> or <c>https</c>.</param>
    /// <exception cref="FormatException">A setting is out of its bounds.</exception>
    public static Uri PlaceOf(Settings settings, int httpPort, string scheme)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var port = settings.Number("http-port", httpPort, 1, IPEndPoint.MaxPort);
        var address = settings.Address("http-address", IPAddress.Loopback);
        var own = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : address;
        return new Uri($"{scheme}://{new IPEndPoint(own, port)}");
    }

    /// <summary>The beginning of a program: logs, telemetry, and HTTP where health is served.</summary>
    /// <param name="name">What the program is called in telemetry.</param>
    /// <param name="http">Where HTTP is served.</param>
    /// <param name="serve">Says how, before that; null: as it comes.</param>
    public static WebApplicationBuilder CreateBuilder(string name, IPEndPoint http, Action<KestrelServerOptions>? serve = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            serve?.Invoke(kestrel);
            kestrel.Listen(http);
        });
        Telemetry.Add(builder, name, $"{Environment.MachineName}:{http.Port}");
        return builder;
    }
}
