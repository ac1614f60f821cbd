using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rookery.Broker;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>Where the broker is, and who asks: for the commands that are its clients.</summary>
internal static class BrokerSettings
{
    /// <summary>Holds the credential of a client.</summary>
    public const string TokenVariable = "ROOKERY_TOKEN";

    public static readonly Setting<string?> Host = Settings.Text("--host", "Host of the broker", "127.0.0.1").Client("client-host").IdleWith(BenchCommand.Start);
    public static readonly Setting<int> Port = Settings.Whole("--port", "TCP port of the broker", 8000, 1, 65_535).Client("client-port").IdleWith(BenchCommand.Start);
    public static readonly Setting<string?> Token = Settings.Text("--token", $"Credential, where the broker asks for one; or in {TokenVariable}, where other users cannot see it").Client("token").IdleWith(BenchCommand.Start);
    private static readonly Setting<bool> Tls = Settings.Flag("--tls", "Connect with TLS").Client("client-tls").IdleWith(BenchCommand.Start);
    private static readonly Setting<string?> TlsAuthority = Settings.Text("--tls-ca", "File of the authority (PEM) that signed the broker's certificate, instead of the system's; means --tls").Client("client-tls-ca").IdleWith(BenchCommand.Start);
    private static readonly Setting<string?> TlsName = Settings.Text("--tls-name", "Name that the broker's certificate must have, instead of that of the address; means --tls").Client("client-tls-name").IdleWith(BenchCommand.Start);
    private static readonly Setting<string?> TlsThumbprint = Settings.Make<string?>(
        "--tls-thumbprint", "SHA-256 of the broker's certificate: this one is trusted, and no other; means --tls", null, text =>
            text.Replace(":", "", StringComparison.Ordinal) is { Length: 64 } digits && digits.All(char.IsAsciiHexDigit)
                ? digits
                : throw new FormatException("64 hexadecimal digits")).Client("client-tls-thumbprint").IdleWith(BenchCommand.Start);

    public static void AddTo(System.CommandLine.Command command)
    {
        command.Options.Add(Host);
        command.Options.Add(Port);
        AddAccessTo(command);
    }

    /// <summary>Adds who asks and how sure it is of whom, without where: for what is asked over HTTP.</summary>
    public static void AddAccessTo(System.CommandLine.Command command)
    {
        Option[] options = [Token, Tls, TlsAuthority, TlsName, TlsThumbprint];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Refuses what is no topic, before anybody is asked.</summary>
    public static void RequireTopics(ArgumentResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (!TopicName.TryParse(token.Value, out _))
            {
                result.AddError($"topic is '{token.Value}'; it must be {TopicName.Rule}");
            }
        }
    }

    public static RookeryClientOptions Read(ParseResult parsed, Surroundings around) => new()
    {
        Host = parsed.GetValue(Host)!,
        Port = parsed.GetValue(Port),
        Token = ReadToken(parsed, around),
        Tls = ReadTls(parsed),
        ConnectionChanged = Report(around),
    };

    public static string? ReadToken(ParseResult parsed, Surroundings around) =>
        parsed.GetValue(Token) ?? (around.Variable(TokenVariable) is { Length: > 0 } token ? token : null);

    public static TlsOptions? ReadTls(ParseResult parsed)
    {
        var (authority, name, thumbprint) = (parsed.GetValue(TlsAuthority), parsed.GetValue(TlsName), parsed.GetValue(TlsThumbprint));
        return parsed.GetValue(Tls) || authority is not null || name is not null || thumbprint is not null
            ? new TlsOptions { Authorities = authority is null ? null : ReadAuthorities(authority), ServerName = name, Thumbprint = thumbprint }
            : null;
    }

    private static X509Certificate2Collection ReadAuthorities(string path)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(path);
            return authorities.Count > 0 ? authorities : throw new FailureException($"--tls-ca: there is no certificate in {path}");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FailureException($"--tls-ca: {wrong.Message.TrimEnd('.')}", wrong);
        }
    }

    private static Action<ConnectionChange> Report(Surroundings around)
    {
        var lost = false;
        return change =>
        {
            if (change.State == ConnectionState.Reconnecting && !lost)
            {
                lost = true;
                around.Error.WriteLine($"rookery: {Failures.Explain(change.Reason!)}; reconnecting");
            }
            else if (change.State == ConnectionState.Connected && lost)
            {
                lost = false;
                around.Error.WriteLine("rookery: connected again");
            }
        };
    }
}
