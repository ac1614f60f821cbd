using System.CommandLine;
using System.Globalization;
using Rookery.Hosting;

namespace Rookery.Command;

/// <summary><c>rookery health</c>: asks the run of this machine whether it is ready, for images that have nothing else to ask with.</summary>
internal static class HealthCommand
{
    private static readonly Option<Uri?> Url = RunCommand.Url(
        "--url", "Where the run serves HTTP; without it on this machine, at the port and in the way that ROOKERY_HTTP_PORT and ROOKERY_TLS_CERT would have it", "http://127.0.0.1:8088");

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command("health", "Ask the run of this machine whether it is ready; exit code 1 where it is not, with what is wrong") { Url };
        command.SetAction((parsed, _) => Health.AskAsync(parsed.GetValue(Url) ?? Here(around.Variable), around.Out, around.Error));
        return command;
    }

    /// <exception cref="UsageException">The variable is no port.</exception>
    private static Uri Here(Func<string, string?> variable)
    {
        var port = SettingNames.VariableOf(RunCommand.HttpPort.Name) is var name && variable(name) is { Length: > 0 } text ? text : RunCommand.HttpPort.Normal;
        var scheme = variable(SettingNames.VariableOf("--tls-cert")) is { Length: > 0 } ? "https" : "http";
        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Uri($"{scheme}://127.0.0.1:{number}")
            : throw new UsageException($"{name} is '{port}'; it must be a port");
    }
}
