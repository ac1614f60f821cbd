using System.CommandLine;
using System.Globalization;
using System.Net;
using Rookery.Hosting;

namespace Rookery.Command;

/// <summary><c>rookery health</c>: asks the run of this machine whether it is ready, for images that have nothing else to ask with.</summary>
internal static class HealthCommand
{
    private static readonly Option<Uri?> Url = RunCommand.Url(
        "--url", "Where the run serves HTTP; without it where the environment (ROOKERY_HOST, ROOKERY_HTTP_PORT, ROOKERY_TLS_CERT) or the file that ROOKERY_SETTINGS names has it listen", "http://127.0.0.1:8088");

    public static System.CommandLine.Command Make(Surroundings around, SettingSources sources)
    {
        var command = new System.CommandLine.Command("health", "Ask the run of this machine whether it is ready; exit code 1 where it is not, with what is wrong") { Url };
        command.SetAction((parsed, _) => Health.AskAsync("rookery", parsed.GetValue(Url) ?? Here(sources), parsed.GetValue(Url) is null, around.Out, around.Error));
        return command;
    }

    /// <exception cref="UsageException">The address or the port is none.</exception>
    private static Uri Here(SettingSources sources)
    {
        var port = sources.Find(RunCommand.HttpPort) ?? RunCommand.HttpPort.Normal;
        var scheme = sources.Find(AccessSettings.TlsCertFile) is null ? "http" : "https";
        var host = RunCommand.Address(sources.Find(RunCommand.Host) ?? RunCommand.Host.Normal);
        host = host.Equals(IPAddress.Any) ? IPAddress.Loopback : host.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : host;
        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Uri($"{scheme}://{new IPEndPoint(host, number)}")
            : throw new UsageException($"{RunCommand.HttpPort.Name} is '{port}'; it must be a port");
    }
}
